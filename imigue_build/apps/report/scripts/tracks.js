// Draws the rows of the time line: sound with its pitch, the words and phones of each speaker, overlap, gestures.
{
  const { data, tiers } = report;
  const wave = 68,
    bar = 7,
    box = 22,
    phone = 16,
    thin = 18;
  const least = { words: 24, pitch: 20, phones: 150 }; // pixels a second from which they are drawn
  const font = (size) => `${size}px system-ui, sans-serif`;

  // The rows from top to bottom; `top` is set when the height is known.
  report.rows = (spectrogram) => {
    const found = [{ name: tiers.voiced ? "Sound, pitch" : "Sound", height: wave, draw: sound }];
    if (spectrogram) found.push({ name: "0–8 kHz", height: 84, draw: spectrogram });
    data.speakers.forEach((speaker, place) =>
      found.push({ name: speaker.name, speaker: place, height: bar + box + phone + 14, draw: speech }),
    );
    if (data.overlap.length)
      found.push({ name: "Overlap", height: thin, list: tiers.overlap, colour: "overlap", draw: spans });
    if (data.gestures.length)
      found.push({ name: "Gestures", height: 26, list: tiers.gestures, colour: "gesture", draw: spans });
    return found;
  };

  const clipped = (context, text, left, room, draw) => {
    if (room < 6 || !text) return;
    if (context.measureText(text).width <= room) return draw(text, left);
    let length = text.length;
    while (length && context.measureText(text.slice(0, length)).width > room) length--;
    if (length) draw(text.slice(0, length), left);
  };

  const sound = (context, view, colours, row) => {
    context.fillStyle = colours.wave;
    context.globalAlpha = tiers.voiced && view.perSecond >= least.pitch ? 0.45 : 1;
    report.wave(context, view, row.top + row.height / 2, row.height - 8);
    context.globalAlpha = 1;
    if (tiers.voiced && view.perSecond >= least.pitch) pitch(context, view, colours, row);
  };
  const level = (value, row) => row.top + row.height - 6 - ((value - 1) / 254) * (row.height - 12);
  const pitch = (context, view, colours, row) => {
    const { step, first, low, high } = data.pitch;
    context.font = font(10);
    for (const hertz of [100, 200, 400]) {
      const y = level(1 + (254 * Math.log(hertz / low)) / Math.log(high / low), row);
      context.fillStyle = colours.line;
      context.fillRect(view.left, y, view.width, 1);
      context.fillStyle = colours.soft;
      context.fillText(`${hertz} Hz`, view.left + 3, y);
    }
    const from = Math.max(0, Math.floor((view.from - first) / step)),
      to = Math.min(tiers.pitch.length, Math.ceil((view.end - first) / step) + 1);
    context.strokeStyle = colours.accent;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    let before = 0;
    for (let index = from; index < to; index++) {
      const value = tiers.pitch[index];
      if (value) {
        const x = view.pixel(first + index * step),
          y = level(value, row);
        if (before && Math.abs(value - before) < 60) context.lineTo(x, y);
        else (context.moveTo(x - 0.5, y), context.lineTo(x + 0.5, y));
      }
      before = value;
    }
    context.stroke();
  };

  const doubtful = new Set(data.doubtful);
  const wordBox = (context, view, colours, word, top) => {
    const x = view.pixel(word.start),
      wide = Math.max((word.end - word.start) * view.scale, 1),
      corrected = report.corrections().has(`word ${word.number}`);
    const selected = word.number === report.selected();
    context.fillStyle = word.number === report.current() ? colours.current : corrected ? colours.fixed : colours.card;
    context.fillRect(x, top, wide, box);
    context.strokeStyle = selected ? colours.accent : colours.edge;
    context.lineWidth = selected ? 2 : 1;
    context.strokeRect(x + 0.5, top + 0.5, Math.max(wide - 1, 0.5), box - 1);
    if (doubtful.has(word.number)) {
      context.fillStyle = colours.doubt;
      context.fillRect(x + 1, top + box - 3, Math.max(wide - 2, 1), 2);
    }
    context.fillStyle = colours.ink;
    const left = Math.max(x, view.left) + 4; // a word that begins before the view is named in it
    clipped(context, report.text(word.number) || "–", left, x + wide - 2 - left, (text) =>
      context.fillText(text, left, top + box / 2),
    );
  };
  const phonesOf = (context, view, colours, word, top) => {
    const list = tiers.phones[data.speakers[data.wordSpeakers[word.number]].role]; // as the release has the roles
    if (!list) return;
    for (
      let index = Math.max(report.last(list.starts, word.start - 1) + 1, 0);
      index < list.starts.length && list.starts[index] < word.end;
      index++
    ) {
      const x = view.pixel(list.starts[index]),
        wide = list.lengths[index] * view.scale;
      context.fillStyle = colours.edge;
      context.fillRect(x, top, 1, phone);
      context.fillRect(x + wide, top, 1, phone);
      context.fillStyle = colours.soft;
      clipped(context, data.phones.names[list.kinds[index]], x + 3, wide - 3, (text, left) =>
        context.fillText(text, left, top + phone / 2 + 1),
      );
    }
  };
  const speech = (context, view, colours, row) => {
    context.fillStyle = report.colour(colours, row.speaker);
    for (const turn of report.within(tiers.turns[row.speaker], view.from, view.end))
      context.fillRect(
        view.pixel(turn.start),
        row.top + 4,
        Math.max((turn.end - turn.start) * view.scale, 0.75),
        bar - 2,
      );
    if (view.perSecond < least.words) return;
    const words = report.within(tiers.words[row.speaker], view.from, view.end);
    context.font = font(12);
    for (const word of words) wordBox(context, view, colours, word, row.top + bar + 4);
    if (view.perSecond < least.phones) return;
    context.font = font(11);
    for (const word of words) phonesOf(context, view, colours, word, row.top + bar + box + 6);
  };
  const spans = (context, view, colours, row) => {
    context.font = font(12);
    for (const span of report.within(row.list, view.from, view.end)) {
      const x = view.pixel(span.start),
        wide = Math.max((span.end - span.start) * view.scale, 2);
      context.fillStyle = colours[row.colour];
      context.fillRect(x, row.top + 4, wide, row.height - 8);
      context.fillStyle = colours.card;
      const left = Math.max(x, view.left) + 3;
      clipped(context, span.name, left, x + wide - 3 - left, (text) =>
        context.fillText(text, left, row.top + row.height / 2 + 0.5),
      );
    }
  };
  // The word of a speaker's row at a place of the drawing, where boxes are drawn.
  report.wordAtPlace = (view, rows, x, y) => {
    const row = rows.find(({ top, height }) => y >= top && y < top + height);
    if (row?.speaker === undefined || view.perSecond < least.words || y < row.top + bar) return undefined;
    return report.wordIn(row.speaker, view.time(x))?.number;
  };
}
