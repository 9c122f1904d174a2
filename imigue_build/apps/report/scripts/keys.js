// The keyboard, and the start: all is drawn once the page has its width, and again when that or the colours change.
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
    ArrowLeft: (event) => (event.shiftKey ? report.turn(-1) : report.seek(report.position() - 2000)),
    ArrowRight: (event) => (event.shiftKey ? report.turn(1) : report.seek(report.position() + 2000)),
    n: () => report.doubt(1),
    p: () => report.doubt(-1),
    c: () => report.correct(),
    f: () => report.element("follow").click(),
    "/": () => report.element("find").focus(),
    "+": () => report.zoom(2),
    "=": () => report.zoom(2),
    "-": () => report.zoom(0.5),
    "?": () => toggle(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    if (event.key === "Escape") {
      if (target.matches("input, select, textarea")) target.blur(); // the keys are the page's again
      return toggle(false);
    }
    if (target.matches("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === " " && target.matches("button, a, summary, input")) return; // theirs
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
  help.addEventListener("click", () => toggle());

  let last = 0;
  const look = () => {
    report.tell("look");
    measure();
  };
  new ResizeObserver(() => {
    const width = report.element("strip").clientWidth;
    if (width === last) return measure();
    last = width;
    look();
  }).observe(report.element("main"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
}
