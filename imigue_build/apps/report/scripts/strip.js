// The whole recording in one strip: who speaks when, which part the time line below shows, and a slider for the keyboard.
{
  const strip = report.element("strip"),
    canvas = strip.querySelector("canvas");
  const playhead = strip.querySelector(".playhead"),
    frame = strip.querySelector(".window");
  let width = 0;

  const draw = () => {
    width = strip.clientWidth;
    const height = strip.clientHeight,
      scale = width / report.length,
      colours = report.colours();
    const context = report.context(canvas, width, height);
    context.fillStyle = colours.wave;
    report.wave(context, { from: 0, scale, left: 0, width }, height / 2 - 4, height - 12);
    for (const [speaker, start, end] of report.data.turns) {
      context.fillStyle = report.colour(colours, speaker);
      const upper = report.roleOf(speaker) === "interviewee";
      context.fillRect(start * scale, height - (upper ? 8 : 4), Math.max((end - start) * scale, 0.5), 4);
    }
    context.fillStyle = colours.gesture;
    for (const [, start] of report.data.gestures) context.fillRect(start * scale, 0, 1.5, 4);
    moved(report.position());
  };
  const moved = (ms) => {
    playhead.style.transform = `translateX(${(ms / report.length) * width}px)`;
    const second = Math.floor(ms / 1000);
    if (Number(strip.getAttribute("aria-valuenow")) !== second) {
      strip.setAttribute("aria-valuenow", second);
      strip.setAttribute("aria-valuetext", report.clock(ms));
    }
  };
  report.on("time", moved);
  report.on("view", ({ from, end: to }) => {
    const start = (from / report.length) * width,
      end = (Math.min(to, report.length) / report.length) * width;
    frame.style.transform = `translateX(${start}px)`;
    frame.style.width = `${Math.max(end - start, 2)}px`;
    frame.hidden = end - start > width - 1;
  });

  const seek = (event) => report.seek(((event.clientX - strip.getBoundingClientRect().left) / width) * report.length);
  strip.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    strip.setPointerCapture(event.pointerId);
    seek(event);
  });
  strip.addEventListener("pointermove", (event) => {
    if (strip.hasPointerCapture(event.pointerId)) seek(event);
  });
  strip.addEventListener("keydown", (event) => {
    const to = { Home: 0, End: report.length, PageUp: report.position() + 30000, PageDown: report.position() - 30000 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    report.seek(to);
  });
  report.on("layout", draw);
  report.on("corrections", () => width && draw());
}
