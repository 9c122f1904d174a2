// The transcript: the word that is heard is marked, a click on one plays from it and chooses it for a correction.
{
  const box = report.element("transcript"),
    { data } = report;
  const words = Array.from(box.querySelectorAll(".w")),
    passages = Array.from(box.querySelectorAll(".passage"));
  const order = data.starts.map((_, number) => number).sort((a, b) => data.starts[a] - data.starts[b] || a - b);
  const starts = order.map((number) => data.starts[number]);
  const doubtful = data.doubtful.slice().sort((a, b) => data.starts[a] - data.starts[b]);
  const doubtfulStarts = doubtful.map((number) => data.starts[number]);
  const begins = data.passages.map((one) => one[0]);
  const follow = report.element("follow");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let now = -1,
    chosen = -1,
    clicked = false;
  let lately = -Infinity; // when somebody scrolled by hand

  const texts = words.map((word) => word.textContent);
  report.texts = () => texts;
  report.following = () => follow.checked;
  report.chosen = () => chosen;

  // The word that is said at a moment: the one that began last, as long as it lasts; in a pause the one before.
  const said = (ms) => {
    const place = report.last(starts, ms);
    if (place < 0) return -1;
    for (let back = place; back >= 0 && back > place - 4; back--) if (ms < data.ends[order[back]]) return order[back];
    return order[place];
  };
  const reveal = (element) => {
    const fixed = ["dock", "strip"].map(report.element).find((one) => getComputedStyle(one).position === "sticky");
    const top = fixed ? parseFloat(getComputedStyle(fixed).top) + fixed.offsetHeight : 0;
    const place = element.getBoundingClientRect(),
      room = innerHeight - top;
    if (place.top > top + 0.1 * room && place.bottom < top + 0.8 * room) return;
    scrollTo({ top: scrollY + place.top - top - 0.25 * room, behavior: calm.matches ? "auto" : "smooth" });
  };
  report.on("time", (ms) => {
    const found = said(ms);
    if (found === now) return;
    if (now >= 0) words[now].classList.remove("now");
    now = found;
    if (now < 0) return;
    words[now].classList.add("now");
    const playing = !report.element("audio").paused;
    if (follow.checked && playing && performance.now() - lately > 4000) reveal(words[now]);
  });
  report.on("seek", () => {
    if (follow.checked && !clicked && now >= 0) reveal(words[now]);
  });
  // Who scrolls by hand is not pulled back at once.
  for (const event of ["wheel", "touchmove"])
    addEventListener(
      event,
      () => {
        lately = performance.now();
      },
      { passive: true },
    );
  follow.addEventListener("change", () => {
    lately = -Infinity;
  });

  report.choose = (number, show = false) => {
    if (chosen >= 0) words[chosen].classList.remove("chosen");
    chosen = number;
    words[chosen].classList.add("chosen");
    report.tell("chosen", chosen);
    if (show) reveal(words[chosen]);
  };
  report.correct = () => {
    if (now < 0) return;
    report.choose(now);
    report.element("right").select();
  };
  report.goto = (number) => {
    report.choose(number, true);
    report.seek(data.starts[number]);
  };
  box.addEventListener("click", (event) => {
    const word = event.target.closest(".w"),
      button = event.target.closest(".at");
    clicked = true; // what is clicked is in view
    if (word) {
      const number = Number(word.dataset.i);
      report.choose(number);
      report.seek(data.starts[number]);
    } else if (button) {
      const [start, , first] = data.passages[passages.indexOf(button.closest(".passage"))];
      if (first >= 0) report.choose(first);
      report.seek(start);
    }
    clicked = false;
  });

  report.doubt = (step) => {
    if (!doubtful.length) return;
    const at = report.position() + (step > 0 ? 0.5 : -0.5);
    const place = report.last(doubtfulStarts, at) + (step > 0 ? 1 : 0);
    report.goto(doubtful[(place + doubtful.length) % doubtful.length]);
  };
  report.turn = (step) => {
    const at = report.position();
    const place = step > 0 ? report.last(begins, at + 0.5) + 1 : report.last(begins, at - 1000);
    report.seek(begins[Math.min(Math.max(place, 0), begins.length - 1)] ?? 0);
  };
  for (const [id, step] of [
    ["next", 1],
    ["previous", -1],
  ]) {
    const button = report.element(id);
    if (button) button.addEventListener("click", () => report.doubt(step));
  }
}
