// Typing the right text in the place of a word.
{
  const { data } = report;
  let open = null; // the number of the word, and the field in its place

  const close = () => {
    const { word, field } = open;
    open = null;
    report.word(word).hidden = false;
    field.remove();
  };
  const save = () => {
    const { word, field } = open,
      text = field.value.trim().replace(/\s+/g, " ");
    close();
    report.correctWord(word, text);
  };
  // The first doubtful word of the next doubtful passage, else its first word.
  report.nextDoubtful = (after) => {
    const passage = data.check.find(([first]) => first > after);
    if (!passage) return report.say("No doubtful passage follows.");
    const [first, last] = passage;
    report.goto(data.doubtful.find((word) => word >= first && word <= last) ?? first);
  };
  report.edit = (word) => {
    if (open) save();
    if (word < 0 || word >= data.starts.length) return;
    if (/\s/.test(report.texts()[word]))
      return report.say("A word with a blank in it cannot be named in a correction.");
    const playing = !report.element("audio").paused;
    report.element("audio").pause();
    report.select(word, true);
    const element = report.word(word),
      field = Object.assign(document.createElement("input"), {
        type: "text",
        className: "edit",
        value: report.text(word),
        autocomplete: "off",
        spellcheck: false,
        enterKeyHint: "done",
      });
    field.setAttribute("aria-label", `Right text of “${report.texts()[word]}”; empty: it was not said`);
    const fit = () => (field.style.width = `${Math.max(field.value.length, 2) + 2}ch`);
    fit();
    element.after(field);
    element.hidden = true;
    open = { word, field };
    field.addEventListener("input", fit);
    field.addEventListener("blur", () => {
      if (open?.field !== field) return;
      if (field.value.trim()) save();
      else close(); // a word is taken out by Enter, not by leaving an empty field
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") close();
      else if (event.key === "Enter") {
        save();
        report.nextDoubtful(word);
        if (playing) report.toggle();
      } else if (event.key === "Tab") {
        save();
        report.edit(word + (event.shiftKey ? -1 : 1));
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    field.focus();
    field.select();
  };
}
