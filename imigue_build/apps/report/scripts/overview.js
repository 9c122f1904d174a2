"use strict";
// The overview: sorts the table by the column whose head is clicked, and finds words in all interviews.
{
  const { interviews: texts, places } = JSON.parse(document.getElementById("data").textContent);
  const table = document.getElementById("table"),
    body = table.tBodies[0],
    heads = Array.from(table.tHead.rows[0].cells);
  const find = document.getElementById("find"),
    found = document.getElementById("found"),
    hits = document.getElementById("hits");
  const mostShown = 50;
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const lower = (text) => text.toLowerCase();

  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (!event.target.closest("button")) return;
    const place = heads.indexOf(head),
      down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[place].dataset.v;
    const rows = Array.from(body.rows).sort(
      (a, b) => compare(value(a), value(b)) || compare(a.cells[0].dataset.v, b.cells[0].dataset.v),
    );
    body.append(...(down ? rows.reverse() : rows));
  });

  const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
  const line = (video, at, text, query) => {
    const item = document.createElement("li"),
      link = document.createElement("a"),
      mark = document.createElement("mark");
    const place = lower(text).indexOf(query),
      start = Math.max(0, place - 40),
      end = place + query.length;
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
  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  let timer = 0;
  find.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  const search = () => {
    const query = lower(find.value).trim();
    const lines = [];
    let count = 0;
    const matching = new Set();
    for (const [video, rows] of query ? texts : []) {
      if (lower(video).includes(query)) matching.add(video);
      for (const [at, text] of rows) {
        if (!lower(text).includes(query)) continue;
        count++;
        matching.add(video);
        if (lines.length < mostShown) lines.push(line(video, at, text, query));
      }
    }
    for (const row of body.rows) row.hidden = Boolean(query) && !matching.has(row.cells[0].dataset.v);
    hits.replaceChildren(...lines);
    found.textContent = query
      ? `${counted(count, "passage")} in ${counted(matching.size, "interview")}${count > mostShown ? `; the first ${mostShown} are shown` : ""}`
      : "";
  };

  // Interviews whose page has corrections that the browser keeps and that are in no downloaded file.
  const rows = new Map(Array.from(body.rows, (row) => [row.cells[0].dataset.v, row]));
  const showKept = () => {
    for (const mark of document.querySelectorAll(".kept")) mark.remove();
    for (const [video, place] of places) {
      let open = 0;
      try {
        const found = JSON.parse(localStorage.getItem(place)) || {};
        open = found.changes.length - found.downloaded;
      } catch {
        continue; // there are none, or this browser keeps nothing
      }
      const row = rows.get(video);
      if (!(open > 0) || !row) continue;
      const mark = Object.assign(document.createElement("span"), { className: "mark kept" });
      mark.textContent = "corrections not downloaded";
      row.cells[0].append(" ", mark);
    }
  };
  showKept();
  addEventListener("pageshow", showKept); // also where one comes back from a page
}
