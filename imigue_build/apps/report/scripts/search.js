// Search in the transcript: words that hold what is looked for, also several in a row.
{
  const field = report.element("find"),
    count = report.element("count");
  const words = Array.from(document.querySelectorAll(".w"));
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = report.texts().map(plain);
  const places = []; // where each word begins in the text of all
  let whole = "";
  texts.forEach((text) => {
    places.push(whole.length);
    whole += `${text} `;
  });
  let hits = [],
    at = -1,
    marked = [];

  const find = () => {
    for (const word of marked) word.classList.remove("hit");
    [hits, marked, at] = [[], [], -1];
    const wanted = plain(field.value).trim().replace(/\s+/g, " ");
    if (wanted) {
      for (
        let place = whole.indexOf(wanted);
        place >= 0 && hits.length < 2000;
        place = whole.indexOf(wanted, place + wanted.length)
      ) {
        const first = report.last(places, place);
        hits.push(first);
        for (let number = first; number < words.length && places[number] < place + wanted.length; number++)
          marked.push(words[number]);
      }
      for (const word of marked) word.classList.add("hit");
    }
    count.textContent = wanted ? String(hits.length) : "";
  };
  const step = (by) => {
    if (!hits.length) return;
    at = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
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
