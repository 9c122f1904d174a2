// The keyboard, and the layout: all is drawn when the page has its width, and again when the width or the colours change.
{
  const help = report.element("help"),
    keys = report.element("keys");
  const toggle = (show = keys.hidden) => {
    keys.hidden = !show;
    help.setAttribute("aria-expanded", String(show));
    measure();
  };
  const measure = () => {
    document.documentElement.style.setProperty("--dock", `${report.element("dock").offsetHeight + 8}px`);
  };
  const actions = {
    " ": () => report.toggle(),
    ArrowLeft: (event) => (event.shiftKey ? report.stepPassage(-1) : report.seek(report.position() - 2000)),
    ArrowRight: (event) => (event.shiftKey ? report.stepPassage(1) : report.seek(report.position() + 2000)),
    s: () => report.playPassage(),
    n: () => report.stepDoubt(1),
    p: () => report.stepDoubt(-1),
    Enter: () => report.startEdit(),
    c: () => report.startEdit(),
    Delete: () => report.remove(),
    ",": () => report.stepWord(-1),
    ".": () => report.stepWord(1),
    r: () => report.makeInterviewee(),
    x: () => report.leaveOut(),
    u: () => report.takeLastBack(),
    d: () => report.download(),
    f: () => report.element("follow").click(),
    "/": () => report.element("find").focus(),
    "+": () => report.zoom(2),
    "=": () => report.zoom(2),
    "-": () => report.zoom(0.5),
    "?": () => toggle(),
  };
  addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key !== "z" || event.altKey || target.matches("input, select, textarea")) return;
      event.preventDefault();
      return report.takeLastBack();
    }
    if (event.key === "Escape") {
      if (target.matches("input, select, textarea")) target.blur(); // the keys work the page again
      report.stopSpan();
      return toggle(false);
    }
    if (target.matches("input:not([type=checkbox]), select, textarea")) return;
    if ((event.key === " " || event.key === "Enter") && target.matches("button, a, summary, input")) return; // its own
    const action = /^[1-9]$/.test(event.key) ? () => report.giveTo(Number(event.key) - 1) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
  help.addEventListener("click", () => toggle());

  let lastWidth = 0;
  const layout = () => {
    report.emit("layout");
    measure();
  };
  new ResizeObserver(() => {
    const width = report.element("strip").clientWidth;
    if (width === lastWidth) return measure();
    lastWidth = width;
    layout();
  }).observe(report.element("main"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", layout);
  report.emit("begin");
}
