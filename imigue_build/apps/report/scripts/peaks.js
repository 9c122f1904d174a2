// The waveform: peaks at several levels, so that drawing reads about one for each pixel at any zoom.
{
  const levels = report.data.peaks.map((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  const finest = 10; // milliseconds of a peak of the first level; each further level has eight times that

  const loudest = (level, from, to) => {
    const width = finest * 8 ** level;
    const first = Math.max(0, Math.floor(from / width)),
      last = Math.min(levels[level].length - 1, Math.floor(to / width));
    let peak = 0;
    for (let index = first; index <= last; index++) peak = Math.max(peak, levels[level][index]);
    return peak / 255;
  };

  // Draws what is in view around the line `middle`.
  report.wave = (context, view, middle, height) => {
    const perPixel = 1 / view.scale;
    let level = 0;
    while (level + 1 < levels.length && finest * 8 ** (level + 1) <= perPixel) level++;
    context.beginPath();
    for (let x = 0; x < view.width; x++) {
      const at = view.from + x * perPixel;
      if (at >= report.length) break;
      const half = Math.max(0.5, (height / 2) * loudest(level, at, at + perPixel - 0.001) ** 0.7);
      context.rect(view.left + x, middle - half, 1, 2 * half);
    }
    context.fill();
  };
}
