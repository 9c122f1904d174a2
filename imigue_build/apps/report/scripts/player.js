// The sound. `time` is told with the position in milliseconds: while playing once a frame, else when it changes.
{
  const audio = report.element("audio"),
    play = report.element("play");
  const shapes = { play: "M7 4.5v15l13-7.5z", pause: "M6 5h4v14H6zm8 0h4v14h-4z" };
  let told = -1;
  let wanted = null; // where to go, until the browser knows how long the sound is

  report.position = () => (wanted === null ? audio.currentTime * 1000 : wanted);

  const tell = () => {
    const now = report.position();
    if (now === told) return;
    told = now;
    report.tell("time", now);
  };
  const frame = () => {
    tell();
    if (!audio.paused) requestAnimationFrame(frame);
  };

  report.seek = (ms) => {
    const to = Math.min(Math.max(ms, 0), report.length);
    if (audio.readyState > 0) audio.currentTime = to / 1000;
    else wanted = to;
    tell();
    report.tell("seek", to);
  };
  report.toggle = () => {
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  };

  const shown = () => {
    play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
    play.querySelector("path").setAttribute("d", audio.paused ? shapes.play : shapes.pause);
  };
  audio.addEventListener("loadedmetadata", () => {
    if (wanted !== null) audio.currentTime = wanted / 1000;
    wanted = null;
    tell();
  });
  audio.addEventListener("play", () => {
    shown();
    requestAnimationFrame(frame);
  });
  audio.addEventListener("pause", () => {
    shown();
    tell();
  });
  audio.addEventListener("seeked", tell);
  audio.addEventListener("error", () => {
    const trouble = report.element("trouble");
    const name = decodeURIComponent(audio.getAttribute("src"));
    trouble.textContent = `The recording ${name} cannot be played: it is not beside this page, or is damaged.`;
    trouble.hidden = false;
  });
  play.addEventListener("click", report.toggle);
  report.element("back").addEventListener("click", () => report.seek(report.position() - 5000));
  report.element("forth").addEventListener("click", () => report.seek(report.position() + 5000));
  report.element("speed").addEventListener("change", (event) => {
    audio.playbackRate = Number(event.target.value);
  });

  const now = report.element("now");
  report.on("time", (ms) => {
    now.textContent = report.clock(ms, true);
  });

  // A link such as 0440.html#t=31.4, also from a list on this page, leads to that second.
  const linked = () => {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (found) report.seek(Number(found[1]) * 1000);
  };
  addEventListener("hashchange", linked);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-t]");
    if (!link) return;
    event.preventDefault();
    report.seek(Number(link.dataset.t) * 1000);
  });
  addEventListener("load", linked);
}
