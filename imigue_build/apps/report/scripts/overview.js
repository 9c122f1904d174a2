"use strict";
// The overview: the table is sorted by its heads, and words are found in all interviews.
{
  const texts = JSON.parse(document.getElementById("data").textContent).interviews;
  const table = document.getElementById("table"),
    body = table.tBodies[0],
    heads = Array.from(table.tHead.rows[0].cells);
  const find = document.getElementById("find"),
    found = document.getElementById("found"),
    hits = document.getElementById("hits");
  const most = 50;
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const plain = (text) => text.toLowerCase();

  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (!event.target.closest("button")) return;
    const place = heads.indexOf(head),
      down = head.getAttribute("aria-sort") === "ascending";
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[place].dataset.v;
    const rows = Array.from(body.rows).sort(
      (a, b) => compare(value(a), value(b)) || compare(a.cells[0].dataset.v, b.cells[0].dataset.v),
    );
    body.append(...(down ? rows.reverse() : rows));
  });

  const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
  const line = (video, at, text, wanted) => {
    const item = document.createElement("li"),
      link = document.createElement("a"),
      mark = document.createElement("mark");
    const place = plain(text).indexOf(wanted),
      start = Math.max(0, place - 40),
      end = place + wanted.length;
    link.href = `interviews/${video}.html#t=${at / 1000}`;
    link.textContent = `${video} ${clock(at)}`;
    mark.textContent = text.slice(place, end);
    item.append(
      link,
      ` ${start ? "…" : ""}${text.slice(start, place)}`,
      mark,
      text.slice(end, end + 60) + (text.length > end + 60 ? "…" : ""),
    );
    return item;
  };
  const several = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  const search = () => {
    const wanted = plain(find.value).trim();
    const lines = [];
    let count = 0;
    const holding = new Set();
    for (const [video, rows] of wanted ? texts : []) {
      if (plain(video).includes(wanted)) holding.add(video);
      for (const [at, text] of rows) {
        if (!plain(text).includes(wanted)) continue;
        count++;
        holding.add(video);
        if (lines.length < most) lines.push(line(video, at, text, wanted));
      }
    }
    for (const row of body.rows) row.hidden = Boolean(wanted) && !holding.has(row.cells[0].dataset.v);
    hits.replaceChildren(...lines);
    found.textContent = wanted
      ? `${several(count, "passage")} in ${several(holding.size, "interview")}${count > most ? `; the first ${most} are shown` : ""}`
      : "";
  };
}
