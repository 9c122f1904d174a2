// The time line: which part of the recording is in view, its rows under one ruler, and what the pointer does in it.
{
  const element = report.element("timeline"),
    canvas = element.querySelector("canvas"),
    playhead = element.querySelector(".playhead"),
    selection = element.querySelector(".selection");
  const ruler = 20,
    closest = 2000; // pixels a second at the closest zoom
  const view = {
    from: 0,
    scale: 0, // pixels a millisecond
    left: 0, // width of the rows' names, which stand to the left
    width: 1,
    get end() {
      return this.from + this.width / this.scale;
    },
    get perSecond() {
      return this.scale * 1000;
    },
    pixel(ms) {
      return this.left + (ms - this.from) * this.scale;
    },
    time(x) {
      return this.from + (x - this.left) / this.scale;
    },
  };
  let rows = [],
    height = 1,
    spectrogram = null,
    chosen = null; // the stretch that is selected
  report.view = view;

  const wholeScale = () => view.width / report.length;
  const bounded = (scale) => Math.min(Math.max(scale, wholeScale()), Math.max(closest / 1000, wholeScale()));
  const ticks = (context, colours) => {
    const steps = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000, 600000, 1800000];
    const step = steps.find((ms) => ms * view.scale > 70) || 3600000;
    context.font = "11px system-ui, sans-serif";
    for (let at = Math.ceil(view.from / step) * step; at < Math.min(view.end, report.length); at += step) {
      context.fillStyle = colours.line;
      context.fillRect(view.pixel(at), 0, 1, height);
      context.fillStyle = colours.soft;
      context.fillText(report.clock(at, step < 1000), view.pixel(at) + 4, ruler / 2);
    }
  };
  const names = (context, colours) => {
    context.fillStyle = colours.card;
    context.fillRect(0, 0, view.left, height);
    context.font = "11px system-ui, sans-serif";
    for (const row of rows) {
      context.fillStyle = colours.line;
      context.fillRect(0, row.top, view.left + view.width, 1);
      context.fillStyle = colours.soft;
      if (view.left) context.fillText(row.name, 6, row.top + row.height / 2 + 1, view.left - 10);
    }
    if (view.left) {
      context.fillStyle = colours.line;
      context.fillRect(view.left - 1, 0, 1, height);
    }
  };
  const draw = () => {
    const colours = report.colours(),
      context = report.context(canvas, view.left + view.width, height);
    context.textBaseline = "middle";
    ticks(context, colours);
    for (const row of rows) row.draw(context, view, colours, row);
    names(context, colours);
    report.emit("view", view);
    place();
  };
  const place = () => {
    const x = view.pixel(report.position());
    playhead.style.transform = `translateX(${x}px)`;
    playhead.hidden = x < view.left - 1;
    selection.hidden = !chosen;
    if (!chosen) return;
    const [start, end] = chosen.map((ms) => Math.min(Math.max(view.pixel(ms), view.left), view.left + view.width));
    selection.style.transform = `translateX(${start}px)`;
    selection.style.width = `${end - start}px`;
  };

  let due = false;
  const redraw = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  };
  report.redraw = redraw;
  const setView = (from, scale) => {
    view.scale = bounded(scale);
    view.from = Math.min(Math.max(from, 0), Math.max(report.length - view.width / view.scale, 0));
    redraw();
  };
  report.zoom = (factor, middle = report.position()) => {
    const at = middle < view.from || middle > view.end ? (view.from + view.end) / 2 : middle;
    const scale = bounded(view.scale * factor);
    setView(at - ((at - view.from) * view.scale) / scale, scale);
  };
  report.setSpectrogram = (drawer) => {
    spectrogram = drawer;
    report.emit("layout");
  };
  // The view turns like a page when the sound leaves it, and does not scroll all the time.
  report.on("time", (ms) => {
    const seen = view.end - view.from;
    if (report.following() && (ms > view.end - 0.03 * seen || ms < view.from) && seen < report.length)
      setView(ms - 0.1 * seen, view.scale);
    place();
  });
  for (const event of ["corrections", "select", "word"]) report.on(event, redraw);
  report.on("span", (span) => {
    chosen = span && span.loop ? [span.start, span.end] : null;
    place();
  });
  report.on("layout", () => {
    const before = view.width;
    rows = report.rows(spectrogram);
    height = ruler;
    for (const row of rows) {
      row.top = height;
      height += row.height;
    }
    element.style.height = `${height + 2}px`;
    view.left = element.clientWidth > 560 ? 96 : 0;
    view.width = element.clientWidth - view.left;
    setView(view.from, view.scale ? (view.scale * before) / view.width : Math.min(view.width / 6000, 0.16));
  });

  // A click on a word plays it, elsewhere it seeks. The mouse selects a stretch, which is played again and again;
  // on the ruler it moves the view, as fingers do everywhere.
  let drag = null;
  const inside = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left - element.clientLeft, event.clientY - box.top - element.clientTop];
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [x, y] = inside(event);
    element.setPointerCapture(event.pointerId);
    drag = { x, from: view.from, at: view.time(x), pans: event.pointerType === "touch" || y < ruler, moved: false };
  });
  element.addEventListener("pointermove", (event) => {
    const [x, y] = inside(event);
    element.classList.toggle("onword", !drag && report.wordAtPlace(view, rows, x, y) !== undefined);
    if (!drag) return;
    if (Math.abs(x - drag.x) > 4) drag.moved = true;
    if (!drag.moved) return;
    if (drag.pans) return setView(drag.from - (x - drag.x) / view.scale, view.scale);
    chosen = [drag.at, view.time(Math.max(x, view.left))].map((ms) => Math.min(Math.max(ms, 0), report.length));
    chosen.sort((a, b) => a - b);
    place();
  });
  element.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const [x, y] = inside(event);
    if (drag.moved) {
      if (!drag.pans) report.playSpan(chosen[0], Math.max(chosen[1], chosen[0] + 50), true);
    } else {
      const word = report.wordAtPlace(view, rows, x, y);
      if (word === undefined) report.seek(view.time(Math.max(x, view.left)));
      else report.playWord(word);
    }
    drag = null;
  });
  element.addEventListener("pointercancel", () => {
    drag = null;
  });
  element.addEventListener(
    "wheel",
    (event) => {
      const at = view.time(inside(event)[0]);
      if (event.ctrlKey || event.metaKey) report.zoom(Math.exp(-event.deltaY / 200), at);
      else if (event.deltaX) setView(view.from + event.deltaX / view.scale, view.scale);
      else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );
  report.element("in").addEventListener("click", () => report.zoom(2));
  report.element("out").addEventListener("click", () => report.zoom(0.5));
}
