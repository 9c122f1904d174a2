// The time line: waveform, a tier for each speaker with its words, overlap and gestures. Draws only what is in view.
{
  const box = report.element("timeline"),
    canvas = box.querySelector("canvas"),
    playhead = box.querySelector(".playhead");
  const { data } = report;
  const ruler = 20,
    wave = 56,
    tier = 42,
    thin = 18;
  const closest = 400; // pixels a second at the closest zoom
  let width = 1,
    gutter = 0,
    height = 1; // gutter: width of the tiers' names, to the right of the drawing
  let scale = 0,
    from = 0; // pixels a millisecond; the first millisecond in view

  const wholeScale = () => width / report.length;
  const rows = () => {
    const found = data.speakers.map((speaker, index) => ({ name: speaker.name, speaker: index, height: tier }));
    if (data.overlap.length) found.push({ name: "Overlap", overlap: true, height: thin });
    if (data.gestures.length) found.push({ name: "Gestures", gestures: true, height: 26 });
    return found;
  };

  // Spans by start, with the latest end so far, so that a binary search finds those in view.
  const indexed = (spans) => {
    const sorted = spans.slice().sort((a, b) => a.start - b.start);
    let latest = 0;
    return {
      spans: sorted,
      starts: sorted.map((span) => span.start),
      ends: sorted.map((span) => (latest = Math.max(latest, span.end))),
    };
  };
  const within = (list, start, end) =>
    list.spans.slice(report.last(list.ends, start) + 1, report.last(list.starts, end) + 1);
  const turns = data.speakers.map((_, speaker) =>
    indexed(data.turns.filter((turn) => turn[0] === speaker).map((turn) => ({ start: turn[1], end: turn[2] }))),
  );
  const overlap = indexed(data.overlap.map(([start, end]) => ({ start, end })));
  const gestures = indexed(data.gestures.map(([name, start, end]) => ({ name: data.gestureNames[name], start, end })));
  const doubtful = new Set(data.doubtful);
  const words = data.speakers.map(() => []);
  data.wordSpeakers.forEach((speaker, number) =>
    words[speaker].push({ start: data.starts[number], end: data.ends[number], number }),
  );
  const spoken = words.map(indexed);

  const pixel = (ms) => (ms - from) * scale;
  const ticks = (context, colours) => {
    const steps = [100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000, 600000, 1800000];
    const step = steps.find((ms) => ms * scale > 70) || 3600000;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    for (let at = Math.ceil(from / step) * step; at < Math.min(from + width / scale, report.length); at += step) {
      context.fillStyle = colours.line;
      context.fillRect(pixel(at), 0, 1, height);
      context.fillStyle = colours.soft;
      context.fillText(report.clock(at, step < 1000), pixel(at) + 4, ruler / 2);
    }
  };
  const abridged = (context, text, room) => {
    if (room < 8) return "";
    if (context.measureText(text).width <= room) return text;
    let length = text.length;
    while (length && context.measureText(text.slice(0, length) + "…").width > room) length--;
    return length > 2 ? text.slice(0, length) + "…" : "";
  };
  const speakerTier = (context, colours, row, top) => {
    const end = from + width / scale;
    context.fillStyle = report.colour(colours, row.speaker);
    for (const turn of within(turns[row.speaker], from, end)) {
      context.fillRect(pixel(turn.start), top + 4, Math.max((turn.end - turn.start) * scale, 0.75), 7);
    }
    if (scale * 1000 < 24) return; // too small for words
    context.font = "12px system-ui, sans-serif";
    // Words alternate between two lines, so that each has the room of the next one too.
    const { spans, starts, ends } = spoken[row.speaker];
    const past = report.last(starts, end) + 1;
    for (let number = report.last(ends, from) + 1; number < past; number++) {
      const word = spans[number],
        x = pixel(word.start),
        line = top + 19 + 14 * (number % 2);
      const next = number + 2 < spans.length ? Math.max(spans[number + 2].start, word.end) : Infinity;
      const text = abridged(context, report.text(word.number), (next - word.start) * scale - 3);
      if (!text) continue;
      context.fillStyle = colours.ink;
      context.fillText(text, x, line);
      if (!doubtful.has(word.number)) continue;
      context.fillStyle = colours.doubt;
      context.fillRect(x, line + 6, context.measureText(text).width, 1.5);
    }
  };
  const spanTier = (context, colours, list, colour, top, high) => {
    for (const span of within(list, from, from + width / scale)) {
      const x = pixel(span.start),
        room = Math.max((span.end - span.start) * scale, 2);
      context.fillStyle = colour;
      context.fillRect(x, top + 4, room, high - 8);
      const text = span.name ? abridged(context, span.name, room - 6) : "";
      context.fillStyle = colours.card;
      if (text) context.fillText(text, x + 3, top + high / 2 + 0.5);
    }
  };

  const draw = () => {
    const colours = report.colours(),
      context = report.context(canvas, width + gutter, height);
    ticks(context, colours);
    context.fillStyle = colours.wave;
    report.wave(context, from, 1 / scale, width, ruler + wave / 2, wave - 6);
    let top = ruler + wave;
    for (const row of rows()) {
      context.fillStyle = colours.line;
      context.fillRect(0, top, width + gutter, 1);
      context.font = "12px system-ui, sans-serif";
      if (row.speaker !== undefined) speakerTier(context, colours, row, top);
      else
        spanTier(
          context,
          colours,
          row.overlap ? overlap : gestures,
          row.overlap ? colours.overlap : colours.gesture,
          top,
          row.height,
        );
      label(context, colours, row.name, top, row.height);
      top += row.height;
    }
    report.emit("view", { from, to: from + width / scale });
    moved(report.position());
  };
  const label = (context, colours, text, top, high) => {
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = colours.card;
    context.fillRect(width, top + 1, gutter, high - 1);
    context.fillStyle = colours.soft;
    if (gutter) context.fillText(text, width + 6, top + high / 2 + 1);
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
  const setView = (start, zoom) => {
    scale = Math.min(Math.max(zoom, wholeScale()), closest / 1000);
    from = Math.min(Math.max(start, 0), Math.max(report.length - width / scale, 0));
    redraw();
  };
  const moved = (ms) => {
    playhead.style.transform = `translateX(${pixel(ms)}px)`;
  };

  report.zoom = (factor, middle = report.position()) => {
    const at = middle < from || middle > from + width / scale ? from + width / scale / 2 : middle;
    const zoom = Math.min(Math.max(scale * factor, wholeScale()), closest / 1000);
    setView(at - ((at - from) * scale) / zoom, zoom);
  };
  // The view turns like a page when the sound leaves it, and does not scroll all the time.
  report.on("time", (ms) => {
    const end = from + width / scale;
    if (report.following() && (ms > end - 0.03 * (end - from) || ms < from)) {
      if (end - from < report.length) setView(ms - 0.1 * (end - from), scale);
    }
    moved(ms);
  });
  report.on("corrections", redraw);
  report.on("layout", () => {
    const before = width;
    height = ruler + wave + rows().reduce((sum, row) => sum + row.height, 0);
    box.style.height = `${height + 2}px`;
    gutter = box.clientWidth > 560 ? 92 : 0;
    width = box.clientWidth - gutter;
    setView(from, scale ? (scale * before) / width : Math.max(wholeScale(), Math.min(width / 6000, 0.11)));
  });

  let drag = null;
  box.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    box.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, from, moved: false };
  });
  box.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (Math.abs(event.clientX - drag.x) > 4) drag.moved = true;
    if (drag.moved) setView(drag.from - (event.clientX - drag.x) / scale, scale);
  });
  box.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) report.seek(from + (event.clientX - box.getBoundingClientRect().left) / scale);
    drag = null;
  });
  box.addEventListener("pointercancel", () => {
    drag = null;
  });
  box.addEventListener(
    "wheel",
    (event) => {
      const at = from + (event.clientX - box.getBoundingClientRect().left) / scale;
      if (event.ctrlKey || event.metaKey) report.zoom(Math.exp(-event.deltaY / 200), at);
      else if (event.deltaX) setView(from + event.deltaX / scale, scale);
      else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );
  report.element("in").addEventListener("click", () => report.zoom(2));
  report.element("out").addEventListener("click", () => report.zoom(0.5));
}
