// What the tiers of the time line hold, so that what is in view is found at once: turns, words, phones, overlap, gestures.
{
  const { data } = report;
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;

  // Spans by start, with the latest end so far: a binary search finds those in view.
  const indexed = (spans) => {
    const sorted = spans.slice().sort((a, b) => a.start - b.start);
    let latest = 0;
    return {
      spans: sorted,
      starts: sorted.map((span) => span.start),
      ends: sorted.map((span) => (latest = Math.max(latest, span.end))),
    };
  };
  report.within = (list, start, end) =>
    list.spans.slice(report.last(list.ends, start) + 1, report.last(list.starts, end) + 1);

  const ofSpeaker = (make) => data.speakers.map((_, speaker) => indexed(make(speaker)));
  const phones = (role) => {
    const packed = data.phones.roles[role];
    if (!packed) return null;
    const [starts, lengths, kinds] = [Uint32Array, Uint16Array, Uint16Array].map(
      (kind, place) => new kind(bytes(packed[place])),
    );
    return { starts, lengths, kinds };
  };
  const pitch = new Uint8Array(bytes(data.pitch.values));
  report.tiers = {
    turns: ofSpeaker((speaker) =>
      data.turns.filter((turn) => turn[0] === speaker).map((turn) => ({ start: turn[1], end: turn[2] })),
    ),
    overlap: indexed(data.overlap.map(([start, end]) => ({ start, end }))),
    gestures: indexed(data.gestures.map(([name, start, end]) => ({ name: data.gestureNames[name], start, end }))),
    words: [],
    phones: { interviewee: phones("interviewee"), interviewer: phones("interviewer") },
    pitch,
    voiced: pitch.some((value) => value > 0),
  };
  // Each word is in the tier of who says it by the corrections so far; what is heard at once may cover it.
  let order = "";
  report.on("corrections", () => {
    const now = data.passages.map((_, passage) => report.speakerOf(passage));
    if (now.join() === order) return;
    order = now.join();
    const found = data.speakers.map(() => []);
    data.starts.forEach((start, number) =>
      found[now[report.passageOf(number)]].push({ start, end: data.ends[number], number }),
    );
    report.tiers.words = found.map(indexed);
  });
  report.wordIn = (speaker, ms) => report.within(report.tiers.words[speaker], ms, ms).find((word) => word.end > ms);

  // The frequency in Hz of a value of the pitch.
  report.hertz = (value) => data.pitch.low * (data.pitch.high / data.pitch.low) ** ((value - 1) / 254);
}
