// A person's corrections of this interview. The browser keeps them, apart for each content of an interview.
// A correction has a key; one of the same key takes its place. The list of changes is what `undo` goes back in.
{
  const { data } = report;
  const { place } = data,
    ofRecording = place.slice(0, place.lastIndexOf("/") + 1);
  const count = data.starts.length;
  const whole = (value, end) => Number.isInteger(value) && value >= 0 && value < end;
  const shapes = {
    word: (found) => whole(found.word, count) && typeof found.now === "string",
    turn: (found) => whole(found.passage, data.passages.length) && whole(found.speaker, data.speakers.length),
    interviewee: (found) => whole(found.speaker, data.speakers.length),
    merge: (found) => whole(found.speaker, data.speakers.length) && whole(found.other, data.speakers.length),
    drop: (found) => whole(found.passage, data.passages.length),
  };
  const valid = (entry) =>
    Array.isArray(entry) &&
    typeof entry[0] === "string" &&
    (entry[1] === null || Boolean(shapes[entry[1]?.kind]?.(entry[1])));
  let changes = [], // pairs of a key and a correction, or null where one is taken back
    current = new Map(),
    downloaded = 0; // how many of the changes are in a file that was downloaded
  report.keeps = true;

  const read = () => {
    try {
      const found = JSON.parse(localStorage.getItem(place)) || {};
      changes = Array.isArray(found.changes) ? found.changes.filter(valid) : [];
      downloaded = Number(found.downloaded) || 0;
    } catch {
      report.keeps = false;
    }
  };
  const write = () => {
    try {
      if (changes.length)
        localStorage.setItem(place, JSON.stringify({ changes, downloaded, file: report.overrides() }));
      else localStorage.removeItem(place);
    } catch {
      report.keeps = false;
    }
  };
  const changed = () => {
    current = new Map();
    for (const [key, correction] of changes) {
      current.delete(key);
      if (correction) current.set(key, correction);
    }
    report.emit("corrections");
  };
  const add = (key, correction) => {
    if (!correction && !current.has(key)) return;
    changes.push([key, correction]);
    changed();
    write();
  };

  report.corrections = () => current;
  report.correctWord = (word, now) =>
    add(`word ${word}`, now === report.texts()[word] ? null : { kind: "word", word, now });
  report.correctSpeaker = (passage, speaker) =>
    add(`turn ${passage}`, speaker === data.passages[passage][3] ? null : { kind: "turn", passage, speaker });
  report.correctInterviewee = (speaker) =>
    add("interviewee", data.speakers[speaker].role === "interviewee" ? null : { kind: "interviewee", speaker });
  report.correctPerson = (speaker, other) =>
    add(`merge ${speaker}`, other === null ? null : { kind: "merge", speaker, other });
  report.toggleDrop = (passage) => {
    const key = `drop ${passage}`;
    add(key, current.has(key) ? null : { kind: "drop", passage });
  };
  report.takeBack = (key) => add(key, null);
  report.undo = () => {
    if (!changes.length) return false;
    changes.pop();
    if (downloaded > changes.length) downloaded = 0; // the file has more than is left
    changed();
    write();
    return true;
  };
  report.notDownloaded = () => changes.length - downloaded;
  report.markDownloaded = () => {
    downloaded = changes.length;
    write();
    report.emit("corrections");
  };

  // What is corrected, as the page shows it.
  report.text = (word) => current.get(`word ${word}`)?.now ?? report.texts()[word];
  report.speakerOf = (passage) => current.get(`turn ${passage}`)?.speaker ?? data.passages[passage][3];
  report.roleOf = (speaker) => {
    const chosen = current.get("interviewee");
    if (!chosen) return data.speakers[speaker].role;
    return speaker === chosen.speaker ? "interviewee" : "interviewer";
  };

  // Corrections made on the page of another release of the same recording and not downloaded: their place and file.
  const kept = (key) => {
    try {
      const found = JSON.parse(localStorage.getItem(key));
      return found.changes.length > found.downloaded ? [[key, String(found.file)]] : [];
    } catch {
      return [];
    }
  };
  report.leftOver = () => {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(ofRecording) && key !== place)
        .flatMap(kept);
    } catch {
      return [];
    }
  };
  report.discard = (key) => localStorage.removeItem(key);

  addEventListener("storage", (event) => {
    if (event.key !== place && event.key !== null) return; // another tab with this page
    read();
    changed();
  });
  report.on("begin", () => {
    read();
    changed();
  });
}
