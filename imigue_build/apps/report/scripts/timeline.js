// The time line: waveform, a tier for each voice with its words, overlap and gestures. Only what is in view is drawn.
{
  const box = report.element("timeline"),
    canvas = box.querySelector("canvas"),
    head = box.querySelector(".head");
  const { data } = report;
  const ruler = 20,
    wave = 56,
    tier = 42,
    thin = 18;
  const finest = 400; // pixels of a second at the closest zoom
  let width = 1,
    gutter = 0,
    height = 1; // of what is drawn, and of the names of the tiers to the right of it
  let scale = 0,
    from = 0; // pixels of a millisecond; the first millisecond in view
  let names = []; // texts of the words, by number, read from the transcript once

  const least = () => width / report.length;
  const rows = () => {
    const found = data.voices.map((voice, place) => ({ name: voice.name, voice: place, height: tier }));
    if (data.overlap.length) found.push({ name: "Overlap", overlap: true, height: thin });
    if (data.gestures.length) found.push({ name: "Gestures", gestures: true, height: 26 });
    return found;
  };

  // Lists by start, with the latest end so far, so that what is in view is found without looking at all.
  const indexed = (spans) => {
    const sorted = spans.slice().sort((a, b) => a.start - b.start);
    let latest = 0;
    return {
      spans: sorted,
      starts: sorted.map((one) => one.start),
      ends: sorted.map((one) => (latest = Math.max(latest, one.end))),
    };
  };
  const within = (list, start, end) =>
    list.spans.slice(report.last(list.ends, start) + 1, report.last(list.starts, end) + 1);
  const turns = data.voices.map((_, voice) =>
    indexed(data.turns.filter((one) => one[0] === voice).map((one) => ({ start: one[1], end: one[2] }))),
  );
  const overlap = indexed(data.overlap.map(([start, end]) => ({ start, end })));
  const gestures = indexed(data.gestures.map(([name, start, end]) => ({ name: data.gestureNames[name], start, end })));
  const doubtful = new Set(data.doubtful);
  const words = data.voices.map(() => []);
  data.speakers.forEach((voice, number) =>
    words[voice].push({ start: data.starts[number], end: data.ends[number], number }),
  );
  const spoken = words.map(indexed);

  const place = (ms) => (ms - from) * scale;
  const ticks = (pen, colours) => {
    const steps = [100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000, 600000, 1800000];
    const step = steps.find((one) => one * scale > 70) || 3600000;
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    for (let at = Math.ceil(from / step) * step; at < Math.min(from + width / scale, report.length); at += step) {
      pen.fillStyle = colours.line;
      pen.fillRect(place(at), 0, 1, height);
      pen.fillStyle = colours.soft;
      pen.fillText(report.clock(at, step < 1000), place(at) + 4, ruler / 2);
    }
  };
  const fitting = (pen, text, room) => {
    if (room < 8) return "";
    if (pen.measureText(text).width <= room) return text;
    let length = text.length;
    while (length && pen.measureText(text.slice(0, length) + "…").width > room) length--;
    return length > 2 ? text.slice(0, length) + "…" : "";
  };
  const voice = (pen, colours, row, top) => {
    const end = from + width / scale;
    pen.fillStyle = report.colour(colours, row.voice);
    for (const one of within(turns[row.voice], from, end)) {
      pen.fillRect(place(one.start), top + 4, Math.max((one.end - one.start) * scale, 0.75), 7);
    }
    if (scale * 1000 < 24) return; // closer to a line than to words
    pen.font = "12px system-ui, sans-serif";
    // Words stand by turns on two lines, so that each has the room of the next one too.
    const { spans, starts, ends } = spoken[row.voice];
    const past = report.last(starts, end) + 1;
    for (let number = report.last(ends, from) + 1; number < past; number++) {
      const one = spans[number],
        x = place(one.start),
        line = top + 19 + 14 * (number % 2);
      const next = number + 2 < spans.length ? Math.max(spans[number + 2].start, one.end) : Infinity;
      const text = fitting(pen, names[one.number] || "", (next - one.start) * scale - 3);
      if (!text) continue;
      pen.fillStyle = colours.ink;
      pen.fillText(text, x, line);
      if (!doubtful.has(one.number)) continue;
      pen.fillStyle = colours.doubt;
      pen.fillRect(x, line + 6, pen.measureText(text).width, 1.5);
    }
  };
  const boxes = (pen, colours, list, colour, top, high) => {
    for (const one of within(list, from, from + width / scale)) {
      const x = place(one.start),
        room = Math.max((one.end - one.start) * scale, 2);
      pen.fillStyle = colour;
      pen.fillRect(x, top + 4, room, high - 8);
      const text = one.name ? fitting(pen, one.name, room - 6) : "";
      pen.fillStyle = colours.card;
      if (text) pen.fillText(text, x + 3, top + high / 2 + 0.5);
    }
  };

  const draw = () => {
    const colours = report.colours(),
      pen = report.fitted(canvas, width + gutter, height);
    ticks(pen, colours);
    pen.fillStyle = colours.wave;
    report.wave(pen, from, 1 / scale, width, ruler + wave / 2, wave - 6);
    let top = ruler + wave;
    for (const row of rows()) {
      pen.fillStyle = colours.line;
      pen.fillRect(0, top, width + gutter, 1);
      pen.font = "12px system-ui, sans-serif";
      if (row.voice !== undefined) voice(pen, colours, row, top);
      else
        boxes(
          pen,
          colours,
          row.overlap ? overlap : gestures,
          row.overlap ? colours.overlap : colours.gesture,
          top,
          row.height,
        );
      label(pen, colours, row.name, top, row.height);
      top += row.height;
    }
    report.tell("view", { from, to: from + width / scale });
    moved(report.position());
  };
  const label = (pen, colours, text, top, high) => {
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = colours.card;
    pen.fillRect(width, top + 1, gutter, high - 1);
    pen.fillStyle = colours.soft;
    if (gutter) pen.fillText(text, width + 6, top + high / 2 + 1);
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
  const look = (start, zoom) => {
    scale = Math.min(Math.max(zoom, least()), finest / 1000);
    from = Math.min(Math.max(start, 0), Math.max(report.length - width / scale, 0));
    redraw();
  };
  const moved = (ms) => {
    head.style.transform = `translateX(${place(ms)}px)`;
  };

  report.zoom = (factor, middle = report.position()) => {
    const at = middle < from || middle > from + width / scale ? from + width / scale / 2 : middle;
    const zoom = Math.min(Math.max(scale * factor, least()), finest / 1000);
    look(at - ((at - from) * scale) / zoom, zoom);
  };
  // The view turns like a page when the sound leaves it: nothing scrolls all the time.
  report.on("time", (ms) => {
    const end = from + width / scale;
    if (report.following() && (ms > end - 0.03 * (end - from) || ms < from)) {
      if (end - from < report.length) look(ms - 0.1 * (end - from), scale);
    }
    moved(ms);
  });
  report.on("look", () => {
    const before = width;
    if (!names.length) names = report.texts();
    height = ruler + wave + rows().reduce((sum, row) => sum + row.height, 0);
    box.style.height = `${height + 2}px`;
    gutter = box.clientWidth > 560 ? 92 : 0;
    width = box.clientWidth - gutter;
    look(from, scale ? (scale * before) / width : Math.max(least(), Math.min(width / 6000, 0.11)));
  });

  let grip = null;
  box.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    box.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, from, dragged: false };
  });
  box.addEventListener("pointermove", (event) => {
    if (!grip) return;
    if (Math.abs(event.clientX - grip.x) > 4) grip.dragged = true;
    if (grip.dragged) look(grip.from - (event.clientX - grip.x) / scale, scale);
  });
  box.addEventListener("pointerup", (event) => {
    if (grip && !grip.dragged) report.seek(from + (event.clientX - box.getBoundingClientRect().left) / scale);
    grip = null;
  });
  box.addEventListener("pointercancel", () => {
    grip = null;
  });
  box.addEventListener(
    "wheel",
    (event) => {
      const at = from + (event.clientX - box.getBoundingClientRect().left) / scale;
      if (event.ctrlKey || event.metaKey) report.zoom(Math.exp(-event.deltaY / 200), at);
      else if (event.deltaX) look(from + event.deltaX / scale, scale);
      else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );
  report.element("in").addEventListener("click", () => report.zoom(2));
  report.element("out").addEventListener("click", () => report.zoom(0.5));
}
