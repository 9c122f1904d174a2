// The corrections as the file `overrides/ID.yaml` that the pipeline takes, those of an earlier file included.
{
  const { data } = report;
  const seconds = (ms) => Math.round(ms) / 1000;
  const hex = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, hex);
  const shown = (value) => {
    if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
    if (typeof value === "number") return String(value);
    if (typeof value === "string") return quoted(value);
    return `{${Object.entries(value)
      .map(([name, part]) => `${name}: ${shown(part)}`)
      .join(", ")}}`;
  };

  // The stretch of a passage with what belongs to its turn, up to halfway to the passages beside it.
  const stretch = (number) => {
    const [from, to, , speaker] = data.passages[number];
    let start = from,
      end = to;
    for (const [turnSpeaker, turnStart, turnEnd] of data.turns) {
      if (turnSpeaker !== speaker || turnEnd <= from || turnStart >= to) continue;
      start = Math.min(start, turnStart);
      end = Math.max(end, turnEnd);
    }
    data.passages.forEach(([otherFrom, otherTo], other) => {
      if (other === number) return;
      if (otherFrom <= from && otherTo > start) start = Math.min(from, Math.max(start, (otherTo + from) / 2));
      if (otherTo >= to && otherFrom < end) end = Math.max(to, Math.min(end, (otherFrom + to) / 2));
    });
    return [seconds(start), seconds(end)];
  };

  // A moment at which a speaker speaks alone, outside of the stretches that are given to others.
  const voice = (speaker, given, otherwise) => {
    const free = (at) => !given.some(({ start, end }) => at >= start && at < end);
    return data.speakers[speaker].moments.find(free) ?? otherwise;
  };
  const document = () => {
    const corrections = [...report.corrections().values()],
      of = (kind) => corrections.filter((correction) => correction.kind === kind);
    const given = of("turn").map(({ passage, speaker }) => {
      const [start, end] = stretch(passage);
      return { start, end, speaker };
    });
    const label = (speaker) => data.speakers[speaker].id;
    const within = (speaker) => {
      const own = given.find((turn) => turn.speaker === speaker);
      return own ? seconds(500 * (own.start + own.end)) : label(speaker);
    };
    return {
      merge_speakers: of("merge").map((pair) =>
        [pair.speaker, pair.other].map((speaker) => voice(speaker, given, within(speaker))),
      ),
      speakers: given.map(({ start, end, speaker }) => ({ start, end, voice: voice(speaker, given, label(speaker)) })),
      words: of("word").map(({ word, now }) => ({
        at: seconds((data.starts[word] + data.ends[word]) / 2),
        was: report.texts()[word],
        now,
      })),
      roles: of("interviewee").map(({ speaker }) => ({
        voice: voice(speaker, given, within(speaker)),
        role: "interviewee",
      })),
      drop: of("drop").map(({ passage }) => ({
        start: seconds(data.passages[passage][0]),
        end: seconds(data.passages[passage][1]),
        reason: "dropped by a person",
      })),
    };
  };

  report.overrides = () => {
    const before = data.corrections || {},
      found = document(),
      today = new Date(Date.now() - 60000 * new Date().getTimezoneOffset()).toISOString().slice(0, 10),
      note = `${today} on the page of the report`;
    const lines = [
      `video_id: ${quoted(data.id)}`,
      `date: ${quoted(today)}`,
      `comment: ${quoted(before.comment ? `${before.comment}; ${note}` : note)}`,
    ];
    if (before.num_speakers) lines.push(`num_speakers: ${before.num_speakers}`);
    for (const [kind, items] of Object.entries(found)) {
      const known = (before[kind] || []).map(shown),
        own = items.map(shown).filter((item) => !known.includes(item));
      const all = kind === "roles" && own.length ? own : [...known, ...own]; // roles are given as a whole
      if (all.length) lines.push(`${kind}:`, ...all.map((item) => `- ${item}`));
    }
    return `${lines.join("\n")}\n`;
  };
  report.save = (text) => {
    const link = window.document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    link.download = `${data.id}.yaml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
}
