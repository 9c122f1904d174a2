// Commands of `imigue-build override` that correct the selected word, its speaker or its passage, to copy.
{
  const { data } = report,
    field = report.element("correction"),
    list = report.element("list");
  const spoken = data.passages.filter((passage) => passage[2] >= 0),
    firsts = spoken.map((passage) => passage[2]);
  const texts = report.texts();
  const quoted = (text) => (/^[\w@%+=:,.\/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const command = (...words) => ["imigue-build", "override", data.id, "--work", "WORK", ...words].map(quoted).join(" ");
  const seconds = (ms) => String(Math.round(ms) / 1000);
  const trimmed = (text) => text.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, "") || text;
  let lines = [];

  const wordCommand = (number, was) => {
    const now = field.value.trim(),
      at = seconds((data.starts[number] + data.ends[number]) / 2);
    const read = was.includes(":") ? trimmed(was) : was; // colons separate the fields of the command
    if (!read.includes(":")) return command(`--word=${at}:${read}:${now}`);
    const yaml = (text) => `'${text.replaceAll("'", "''")}'`;
    return `words: [{at: ${at}, was: ${yaml(was)}, now: ${yaml(now)}}]  # in overrides/${data.id}.yaml`;
  };
  const commands = (number) => {
    const found = [],
      speaker = data.speakers[data.wordSpeakers[number]];
    const oneToken = !/\s/.test(texts[number]); // a command names a word by one token
    if (oneToken && field.value.trim() !== texts[number]) found.push(["The word", wordCommand(number, texts[number])]);
    const [start, end] = spoken[report.last(firsts, number)];
    if (speaker.at !== null) {
      const other = speaker.role === "interviewee" ? "interviewer" : "interviewee";
      found.push([
        `This speaker is ${other === "interviewee" ? "the interviewee" : "an interviewer"}`,
        command(`--${other}`, String(speaker.at)),
      ]);
      for (const person of data.speakers) {
        if (person === speaker || person.at === null) continue;
        const name = person.role ? `the ${person.name.toLowerCase()}` : person.name;
        found.push([`This speaker and ${name} are the same person`, command("--merge", `${speaker.at},${person.at}`)]);
      }
    }
    found.push(["Leave this passage out of the clips", command("--drop", `${seconds(start)}-${seconds(end)}`)]);
    return found;
  };
  const general = () => (data.speakers.length > 1 ? [["Swap the roles", command("--swap-roles")]] : []);

  const show = () => {
    const number = report.selected();
    lines = [...(number >= 0 ? commands(number) : []), ...general()];
    list.replaceChildren(
      ...lines.map(([title, text], place) => {
        const [item, code, button, heading] = ["li", "code", "button", "span"].map((name) =>
          document.createElement(name),
        );
        code.append(
          ...text
            .split(" ")
            .flatMap((word) => [Object.assign(document.createElement("span"), { textContent: word }), " "]),
        );
        code.lastChild.remove();
        heading.textContent = title;
        button.type = "button";
        button.className = "plainbutton";
        button.textContent = "Copy";
        button.setAttribute("aria-label", `Copy the command: ${title}`);
        button.dataset.line = place;
        item.append(heading, button, code);
        return item;
      }),
    );
  };
  // A page opened from the disk may not be allowed to use the clipboard: then the text is selected and copied.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.setAttribute("readonly", "");
      area.className = "hidden";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  list.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const text = lines[Number(button.dataset.line)][1];
    report.element("copied").textContent = (await copy(text))
      ? "Copied. Replace WORK by your work folder."
      : `Copy it by hand: ${text}`;
    button.focus();
  });
  field.addEventListener("input", show);
  report.on("select", (number) => {
    report.element("hint").hidden = true;
    report.element("commands").hidden = false;
    report.element("selected").textContent = texts[number];
    report.element("context").textContent =
      `${data.speakers[data.wordSpeakers[number]].name}, ${report.clock(data.starts[number], true)}`;
    field.value = texts[number];
    show();
  });
  show();
}
