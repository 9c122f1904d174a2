// The sound. The event `time` has the position in milliseconds: once a frame while playing, else when it changes.
{
  const audio = report.element("audio"),
    play = report.element("play");
  const shapes = { play: "M7 4.5v15l13-7.5z", pause: "M6 5h4v14H6zm8 0h4v14h-4z" };
  let lastPosition = -1;
  let pending = null; // a seek that waits until the browser knows the length of the sound

  report.position = () => (pending === null ? audio.currentTime * 1000 : pending);

  const emitTime = () => {
    const now = report.position();
    if (now === lastPosition) return;
    lastPosition = now;
    report.emit("time", now);
  };
  let span = null; // the stretch that is played: once, or again and again
  const setSpan = (found) => {
    span = found;
    report.emit("span", span);
  };
  const frame = () => {
    if (span && report.position() >= span.end) {
      if (span.loop) audio.currentTime = span.start / 1000;
      else {
        audio.pause();
        setSpan(null);
      }
    }
    emitTime();
    if (!audio.paused) requestAnimationFrame(frame);
  };

  report.seek = (ms) => {
    const to = Math.min(Math.max(ms, 0), report.length);
    if (span) setSpan(null);
    if (audio.readyState > 0) audio.currentTime = to / 1000;
    else pending = to;
    emitTime();
    report.emit("seek", to);
  };
  report.playSpan = (start, end, loop = false) => {
    report.seek(start);
    setSpan({ start, end, loop });
    audio.play().catch(() => {});
  };
  report.stopSpan = () => span && setSpan(null);
  report.toggle = () => {
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  };

  const showState = () => {
    play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
    play.querySelector("path").setAttribute("d", audio.paused ? shapes.play : shapes.pause);
  };
  audio.addEventListener("loadedmetadata", () => {
    if (pending !== null) audio.currentTime = pending / 1000;
    pending = null;
    emitTime();
  });
  audio.addEventListener("play", () => {
    showState();
    requestAnimationFrame(frame);
  });
  audio.addEventListener("pause", () => {
    showState();
    emitTime();
  });
  audio.addEventListener("seeked", emitTime);
  audio.addEventListener("error", () => {
    const error = report.element("error");
    const name = decodeURIComponent(audio.getAttribute("src"));
    error.textContent = `The recording ${name} cannot be played: it is not in the folder of this page, or it is damaged.`;
    error.hidden = false;
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

  // A link such as 0440.html#t=31.4, also in a list on this page, seeks to that second.
  const seekToHash = () => {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (found) report.seek(Number(found[1]) * 1000);
  };
  addEventListener("hashchange", seekToHash);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-t]");
    if (!link) return;
    event.preventDefault();
    report.seek(Number(link.dataset.t) * 1000);
  });
  addEventListener("load", seekToHash);
}
