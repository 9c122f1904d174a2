// Search in the transcript; the text searched for may span several words.
{
  const field = report.element("find"),
    count = report.element("count");
  const words = Array.from(document.querySelectorAll(".w"));
  const normalised = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = report.texts().map(normalised);
  const offsets = []; // where each word begins in the whole text
  let whole = "";
  texts.forEach((text) => {
    offsets.push(whole.length);
    whole += `${text} `;
  });
  let hits = [],
    at = -1,
    marked = [];

  const find = () => {
    for (const word of marked) word.classList.remove("hit");
    [hits, marked, at] = [[], [], -1];
    const query = normalised(field.value).trim().replace(/\s+/g, " ");
    if (query) {
      for (
        let position = whole.indexOf(query);
        position >= 0 && hits.length < 2000;
        position = whole.indexOf(query, position + query.length)
      ) {
        const first = report.last(offsets, position);
        hits.push(first);
        for (let number = first; number < words.length && offsets[number] < position + query.length; number++)
          marked.push(words[number]);
      }
      for (const word of marked) word.classList.add("hit");
    }
    count.textContent = query ? String(hits.length) : "";
  };
  const step = (direction) => {
    if (!hits.length) return;
    at = at < 0 ? (direction > 0 ? 0 : hits.length - 1) : (at + direction + hits.length) % hits.length;
    count.textContent = `${at + 1}/${hits.length}`;
    report.goto(hits[at]);
  };
  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      field.value = "";
      find();
      field.blur();
    }
  });
}
