// The tray: what can be corrected of the selected word and its passage, what was, and the file to download.
{
  const { data } = report;
  const element = report.element;
  const list = element("corrections"),
    said = element("said");
  const speakerButtons = Array.from(document.querySelectorAll("#speaking button"));
  let marked = [], // undoes what the transcript shows of the corrections
    coloured; // the corrected interviewee whom the transcript shows

  report.say = (text) => {
    said.textContent = text;
  };
  const name = (speaker) => data.speakers[speaker].name;
  const phrase = ({ kind, word, now, passage, speaker, other }) => {
    const at = (number) => report.clock(data.passages[number][0], true);
    if (kind === "word") {
      const was = `${report.clock(data.starts[word], true)} “${report.texts()[word]}”`;
      return now ? `${was} → “${now}”` : `${was} was not said`;
    }
    if (kind === "turn") return `${at(passage)} ${name(data.passages[passage][3])} → ${name(speaker)}`;
    if (kind === "interviewee") return `${name(speaker)} (${data.speakers[speaker].id}) is the interviewee`;
    if (kind === "merge") return `${name(speaker)} and ${name(other)} are one person`;
    return `${at(passage)} left out of the clips`;
  };
  const item = ([key, correction]) => {
    const [line, text, button] = ["li", "span", "button"].map((tag) => document.createElement(tag));
    text.textContent = phrase(correction);
    button.type = "button";
    button.className = "plainbutton";
    button.textContent = "×";
    button.setAttribute("aria-label", `Take back: ${text.textContent}`);
    button.addEventListener("click", () => report.takeBack(key));
    line.append(text, button);
    return line;
  };
  const badge = (passage, text) => {
    const mark = Object.assign(document.createElement("span"), { className: "mark", textContent: text });
    report.passage(passage).querySelector("p").append(mark, " ");
    marked.push(() => mark.remove());
  };
  const show = (correction) => {
    const { kind, word, now, passage, speaker } = correction;
    if (kind === "word") {
      const shown = report.word(word);
      shown.textContent = now || report.texts()[word];
      shown.classList.add(now ? "fixed" : "unsaid");
      marked.push(() => {
        shown.textContent = report.texts()[word];
        shown.classList.remove("fixed", "unsaid");
      });
    }
    if (kind === "turn") badge(passage, `said by ${name(speaker)}`);
    if (kind === "drop") badge(passage, "left out of the clips");
  };
  const showRoles = () => {
    for (const turn of document.querySelectorAll(".turn"))
      turn.dataset.role = report.roleOf(Number(turn.dataset.s)) ?? "";
    for (const who of document.querySelectorAll(".who")) {
      const speaker = Number(who.dataset.s),
        role = report.roleOf(speaker) ?? "";
      who.previousElementSibling.className = `dot ${role}`;
      who.textContent = role === (data.speakers[speaker].role ?? "") ? name(speaker) : `${name(speaker)}, now ${role}`;
    }
  };
  const selection = () => {
    const word = report.selected();
    element("hint").hidden = word >= 0;
    element("actions").hidden = word < 0;
    if (word < 0) return;
    const passage = report.passageOf(word),
      speaker = report.speakerOf(passage);
    element("selected").textContent = report.text(word) || report.texts()[word];
    element("context").textContent = `${name(speaker)}, ${report.clock(data.starts[word], true)}`;
    for (const button of speakerButtons)
      button.setAttribute("aria-pressed", String(Number(button.dataset.speaker) === speaker));
    element("role").setAttribute("aria-pressed", String(report.roleOf(speaker) === "interviewee"));
    element("leave").setAttribute("aria-pressed", String(report.corrections().has(`drop ${passage}`)));
  };
  const state = () => {
    const count = report.corrections().size,
      open = report.notDownloaded();
    element("tally").textContent = count ? String(count) : "";
    element("none").hidden = count > 0;
    element("undo").disabled = !report.corrections().size && !open;
    element("download").disabled = !count;
    element("kept").textContent = !report.keeps
      ? "This browser keeps nothing: download the file before you leave the page."
      : count && open
        ? "Kept in this browser; not in a downloaded file yet."
        : count
          ? "Kept in this browser, and in the file that you downloaded."
          : "";
  };
  report.on("corrections", () => {
    const undone = marked;
    marked = [];
    for (const undo of undone) undo();
    const all = [...report.corrections()];
    for (const [, correction] of all) show(correction);
    const chosen = report.corrections().get("interviewee")?.speaker;
    if (chosen !== coloured) showRoles();
    coloured = chosen;
    list.replaceChildren(...all.reverse().map(item));
    for (const field of document.querySelectorAll("select[data-merge]"))
      field.value = String(report.corrections().get(`merge ${field.dataset.merge}`)?.other ?? "");
    selection();
    state();
  });
  report.on("select", selection);

  // A passage that is selected is that of the selected word.
  const withPassage = (act) => {
    const word = report.selected() >= 0 ? report.selected() : report.current();
    if (word < 0) return report.say("Choose a word of the passage first.");
    if (report.selected() !== word) report.select(word);
    return act(report.passageOf(word), word);
  };
  const tell = (text) => report.say(report.keeps ? text : `${text} (not kept by this browser)`);
  report.giveTo = (speaker) =>
    withPassage((passage) => {
      if (!data.speakers[speaker]) return;
      report.correctSpeaker(passage, speaker);
      tell(`The passage is said by ${name(speaker)}.`);
    });
  report.makeInterviewee = () =>
    withPassage((passage) => {
      const speaker = report.speakerOf(passage);
      const others = data.speakers.map((_, other) => other).filter((other) => other !== speaker);
      const swapped = report.roleOf(speaker) === "interviewee";
      if (swapped && others.length !== 1) return report.say("Choose a passage of the interviewee, then press r.");
      const chosen = swapped ? others[0] : speaker;
      report.correctInterviewee(chosen);
      tell(`The interviewee is ${data.speakers[chosen].id}, ${name(chosen)} so far.`);
    });
  report.leaveOut = () => withPassage((passage) => report.toggleDrop(passage));
  report.remove = () => withPassage((_, word) => report.correctWord(word, ""));
  report.startEdit = () => withPassage((_, word) => report.edit(word));
  report.takeLastBack = () => report.say(report.undo() ? "Undone." : "There is nothing to undo.");
  report.download = () => {
    if (!report.corrections().size) return report.say("There is nothing to download.");
    report.save(report.overrides());
    report.markDownloaded();
    report.say(`Put ${data.id}.yaml in your folder of corrections, then the same run-all again, with --overrides.`);
  };
  const clicks = {
    edit: report.startEdit,
    unsaid: report.remove,
    leave: report.leaveOut,
    role: report.makeInterviewee,
    undo: report.takeLastBack,
    download: report.download,
  };
  for (const [id, act] of Object.entries(clicks)) element(id).addEventListener("click", () => act());
  for (const button of speakerButtons)
    button.addEventListener("click", () => report.giveTo(Number(button.dataset.speaker)));
  for (const field of document.querySelectorAll("select[data-merge]"))
    field.addEventListener("change", () =>
      report.correctPerson(Number(field.dataset.merge), field.value === "" ? null : Number(field.value)),
    );

  const leftOver = () => {
    element("leftover").replaceChildren(
      ...report.leftOver().map(([key, file]) => {
        const [line, text, take, drop] = ["li", "span", "button", "button"].map((tag) => document.createElement(tag));
        text.textContent =
          "Corrections from the page of another release of this recording are kept here, in no downloaded file.";
        for (const [button, label, act] of [
          [take, "Download them", () => report.save(file)],
          [drop, "Discard them", () => (report.discard(key), leftOver())],
        ]) {
          Object.assign(button, { type: "button", className: "plainbutton", textContent: label });
          button.addEventListener("click", act);
        }
        line.append(text, take, drop);
        return line;
      }),
    );
  };
  leftOver();

  // On a phone the tray is a sheet at the bottom, which a button opens and closes.
  const sheet = element("sheet"),
    phone = matchMedia("(max-width: 40rem)");
  report.openSheet = (open) => {
    sheet.setAttribute("aria-expanded", String(open));
    sheet.textContent = open ? "Close" : "Open";
    element("tray").classList.toggle("open", open);
  };
  sheet.addEventListener("click", () => report.openSheet(sheet.getAttribute("aria-expanded") !== "true"));
  // The sheet does not cover the selected word.
  const uncover = () => {
    const word = report.selected();
    if (!phone.matches || word < 0) return;
    const covered = report.word(word).getBoundingClientRect().bottom + 16 - element("tray").getBoundingClientRect().top;
    if (covered > 0) scrollBy(0, covered);
  };
  report.on("picked", () => {
    if (phone.matches) report.openSheet(true);
    uncover();
  });
  report.on("corrections", uncover);
}
