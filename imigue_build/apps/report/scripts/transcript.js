// The transcript: marks the word that is heard; a click on a word seeks to it and selects it, two clicks correct it.
{
  const box = report.element("transcript"),
    { data } = report;
  const words = Array.from(box.querySelectorAll(".w")),
    passages = Array.from(box.querySelectorAll(".passage"));
  const order = data.starts.map((_, number) => number).sort((a, b) => data.starts[a] - data.starts[b] || a - b);
  const starts = order.map((number) => data.starts[number]);
  const doubtful = data.doubtful.slice().sort((a, b) => data.starts[a] - data.starts[b]);
  const doubtfulStarts = doubtful.map((number) => data.starts[number]);
  const begins = data.passages.map((passage) => passage[0]);
  const follow = report.element("follow");
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  let current = -1,
    selected = -1,
    clicked = false;
  let lastScroll = -Infinity; // when the user scrolled

  const texts = words.map((word) => word.textContent);
  report.texts = () => texts;
  report.following = () => follow.checked;
  report.selected = () => selected;
  report.current = () => current;
  report.word = (number) => words[number];
  report.passage = (number) => passages[number];
  const spoken = data.passages.map((_, number) => number).filter((number) => data.passages[number][2] >= 0);
  const firsts = spoken.map((number) => data.passages[number][2]);
  report.passageOf = (word) => spoken[report.last(firsts, word)];

  // The word at a time: the last that began and has not ended; in a pause the word before it.
  const wordAt = (ms) => {
    const place = report.last(starts, ms);
    if (place < 0) return -1;
    for (let back = place; back >= 0 && back > place - 4; back--) if (ms < data.ends[order[back]]) return order[back];
    return order[place];
  };
  const reveal = (element) => {
    const fixed = ["dock", "strip"].map(report.element).find((box) => getComputedStyle(box).position === "sticky");
    const top = fixed ? parseFloat(getComputedStyle(fixed).top) + fixed.offsetHeight : 0;
    const place = element.getBoundingClientRect(),
      room = innerHeight - top;
    if (place.top > top + 0.1 * room && place.bottom < top + 0.8 * room) return;
    scrollTo({ top: scrollY + place.top - top - 0.25 * room, behavior: reducedMotion.matches ? "auto" : "smooth" });
  };
  report.on("time", (ms) => {
    const found = wordAt(ms);
    if (found === current) return;
    if (current >= 0) words[current].classList.remove("now");
    current = found;
    report.emit("word", current);
    if (current < 0) return;
    words[current].classList.add("now");
    const playing = !report.element("audio").paused;
    if (follow.checked && playing && performance.now() - lastScroll > 4000) reveal(words[current]);
  });
  report.on("seek", () => {
    if (follow.checked && !clicked && current >= 0) reveal(words[current]);
  });
  // After the user scrolls, the page does not follow the sound for a while.
  for (const event of ["wheel", "touchmove"])
    addEventListener(
      event,
      () => {
        lastScroll = performance.now();
      },
      { passive: true },
    );
  follow.addEventListener("change", () => {
    lastScroll = -Infinity;
  });

  report.select = (number, show = false) => {
    if (selected >= 0) words[selected].classList.remove("selected");
    selected = number;
    words[selected].classList.add("selected");
    report.emit("select", selected);
    if (show) reveal(words[selected]);
  };
  report.goto = (number) => {
    report.select(number, true);
    report.seek(data.starts[number]);
  };
  box.addEventListener("click", (event) => {
    const word = event.target.closest(".w"),
      button = event.target.closest(".at");
    clicked = true; // a word that is clicked is in view
    if (word) {
      const number = Number(word.dataset.i);
      report.select(number);
      report.seek(data.starts[number]);
      report.emit("picked", number);
    } else if (button) {
      const [start, , first] = data.passages[passages.indexOf(button.closest(".passage"))];
      if (first >= 0) report.select(first);
      report.seek(start);
    }
    clicked = false;
  });

  box.addEventListener("dblclick", (event) => {
    const word = event.target.closest(".w");
    if (word) report.edit(Number(word.dataset.i));
  });
  report.playWord = (number) => {
    clicked = true; // the page does not scroll under the pointer
    report.select(number);
    report.playSpan(data.starts[number], data.ends[number]);
    clicked = false;
  };
  report.playPassage = () => {
    const number = selected >= 0 ? selected : current;
    if (number < 0) return;
    const [start, end] = data.passages[report.passageOf(number)];
    report.playSpan(start, end);
  };
  report.stepWord = (step) => {
    const from = selected >= 0 ? selected : current;
    if (words[from + step]) report.goto(from + step);
  };
  report.stepDoubt = (step) => {
    if (!doubtful.length) return;
    const at = report.position() + (step > 0 ? 0.5 : -0.5);
    const place = report.last(doubtfulStarts, at) + (step > 0 ? 1 : 0);
    report.goto(doubtful[(place + doubtful.length) % doubtful.length]);
  };
  report.stepPassage = (step) => {
    const at = report.position();
    const place = step > 0 ? report.last(begins, at + 0.5) + 1 : report.last(begins, at - 1000);
    report.seek(begins[Math.min(Math.max(place, 0), begins.length - 1)] ?? 0);
  };
  for (const [id, step] of [
    ["next", 1],
    ["previous", -1],
  ]) {
    const button = report.element(id);
    if (button) button.addEventListener("click", () => report.stepDoubt(step));
  }
}
