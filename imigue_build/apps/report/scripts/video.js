// The video beside the transcript, without its sound: it follows the recording, which has the clock of the page.
{
  const video = report.element("video"),
    audio = report.element("audio"),
    gesture = report.element("gesture");
  const far = 0.1; // seconds that the video may be off while it plays
  let corrected = -Infinity;

  const follow = (ms) => {
    const off = Math.abs(video.currentTime - ms / 1000);
    if (audio.paused ? off < 0.01 || video.seeking : off < far || performance.now() - corrected < 500) return;
    corrected = performance.now();
    video.currentTime = ms / 1000;
  };
  if (video) {
    report.on("time", follow);
    audio.addEventListener("play", () => {
      corrected = -Infinity;
      follow(report.position());
      video.play().catch(() => {});
    });
    audio.addEventListener("pause", () => video.pause());
    audio.addEventListener("ratechange", () => (video.playbackRate = audio.playbackRate));
    for (const event of ["loadeddata", "seeked"])
      video.addEventListener(event, () => audio.paused && follow(report.position()));
    video.addEventListener("error", () => {
      report.element("novideo").hidden = false;
      video.hidden = true;
    });
    if (video.error) video.dispatchEvent(new Event("error"));
  }

  // The gestures at the position, by name and in the list.
  if (gesture) {
    const links = Array.from(document.querySelectorAll(".gestures [data-t]"));
    const starts = links.map((link) => Number(link.dataset.t) * 1000);
    let shown = "";
    report.on("time", (ms) => {
      const now = report.within(report.tiers.gestures, ms, ms).filter((span) => span.end > ms);
      const text = now.map((span) => span.name).join(", ");
      if (text === shown) return;
      shown = text;
      gesture.textContent = text || "–";
      links.forEach((link, place) => {
        if (now.some((span) => span.start === Math.round(starts[place]))) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    });
  }
}
