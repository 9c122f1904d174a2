// What corrects the chosen word, its voice or its passage: command lines of `imigue-build override`, to copy.
{
  const { data } = report,
    right = report.element("right"),
    list = report.element("list");
  const spoken = data.passages.filter((one) => one[2] >= 0),
    firsts = spoken.map((one) => one[2]);
  const texts = report.texts();
  const quoted = (text) => (/^[\w@%+=:,.\/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const command = (...words) => ["imigue-build", "override", data.id, "--work", "WORK", ...words].map(quoted).join(" ");
  const seconds = (ms) => String(Math.round(ms) / 1000);
  const edges = (text) => text.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, "") || text;
  let lines = [];

  const misheard = (number, was) => {
    const now = right.value.trim(),
      at = seconds((data.starts[number] + data.ends[number]) / 2);
    const read = was.includes(":") ? edges(was) : was; // a colon parts the command's fields
    if (!read.includes(":")) return command(`--word=${at}:${read}:${now}`);
    const yaml = (text) => `'${text.replaceAll("'", "''")}'`;
    return `words: [{at: ${at}, was: ${yaml(was)}, now: ${yaml(now)}}]  # in overrides/${data.id}.yaml`;
  };
  const commands = (number) => {
    const found = [],
      voice = data.voices[data.speakers[number]];
    const whole = !/\s/.test(texts[number]); // what is named is one token
    if (whole && right.value.trim() !== texts[number]) found.push(["The word", misheard(number, texts[number])]);
    const [start, end] = spoken[report.last(firsts, number)];
    if (voice.at !== null) {
      const other = voice.role === "interviewee" ? "interviewer" : "interviewee";
      found.push([
        `This voice is ${other === "interviewee" ? "the interviewee" : "an interviewer"}`,
        command(`--${other}`, String(voice.at)),
      ]);
      for (const one of data.voices) {
        if (one === voice || one.at === null) continue;
        const name = one.role ? `the ${one.name.toLowerCase()}` : one.name;
        found.push([`This voice and ${name} are one person`, command("--merge", `${voice.at},${one.at}`)]);
      }
    }
    found.push(["This passage goes into no clip", command("--drop", `${seconds(start)}-${seconds(end)}`)]);
    return found;
  };
  const general = () => (data.voices.length > 1 ? [["The roles are swapped", command("--swap-roles")]] : []);

  const show = () => {
    const number = report.chosen();
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
  // Pages from a disk may have no clipboard of their own: then the text is chosen and copied as by hand.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.setAttribute("readonly", "");
      field.className = "hidden";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  };
  list.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const text = lines[Number(button.dataset.line)][1];
    report.element("copied").textContent = (await copy(text))
      ? "Copied. Put your WORK folder in the place of WORK."
      : `Copy it by hand: ${text}`;
    button.focus();
  });
  right.addEventListener("input", show);
  report.on("chosen", (number) => {
    report.element("nothing").hidden = true;
    report.element("commands").hidden = false;
    report.element("chosen").textContent = texts[number];
    report.element("whose").textContent =
      `${data.voices[data.speakers[number]].name}, ${report.clock(data.starts[number], true)}`;
    right.value = texts[number];
    show();
  });
  show();
}
