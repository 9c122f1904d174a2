// A spectrogram of what is in view. A page from the disk may not read its own recording: the user chooses the file.
{
  const field = report.element("recording");
  const size = 512, // samples of a transform; a window has the last 25 ms of them
    most = 20; // seconds in view up to which it is computed
  let file = null,
    image = null; // the picture, with the view that it is of

  const hann = (count) =>
    Float64Array.from({ length: count }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / count));
  const twiddles = Array.from({ length: size / 2 }, (_, n) => [
    Math.cos((2 * Math.PI * n) / size),
    Math.sin((2 * Math.PI * n) / size),
  ]);
  const reversed = Array.from({ length: size }, (_, n) =>
    parseInt(n.toString(2).padStart(9, "0").split("").reverse().join(""), 2),
  );
  const transform = (real, imaginary) => {
    for (let n = 0; n < size; n++) {
      const other = reversed[n];
      if (other > n) [real[n], real[other]] = [real[other], real[n]];
    }
    imaginary.fill(0);
    for (let half = 1; half < size; half *= 2)
      for (let start = 0; start < size; start += 2 * half)
        for (let n = 0; n < half; n++) {
          const [cos, sin] = twiddles[(n * size) / (2 * half)],
            a = start + n,
            b = a + half;
          const re = real[b] * cos + imaginary[b] * sin,
            im = imaginary[b] * cos - real[b] * sin;
          real[b] = real[a] - re;
          imaginary[b] = imaginary[a] - im;
          real[a] += re;
          imaginary[a] += im;
        }
  };

  // Rate and place of the samples of a 16-bit mono WAV.
  const header = async (wav) => {
    const head = new DataView(await wav.slice(0, 4096).arrayBuffer());
    const tag = (at) => String.fromCharCode(...[0, 1, 2, 3].map((n) => head.getUint8(at + n)));
    let rate = 0;
    for (let at = 12; at + 8 <= head.byteLength && tag(0) === "RIFF"; at += 8 + head.getUint32(at + 4, true)) {
      if (tag(at) === "fmt " && head.getUint16(at + 10, true) === 1 && head.getUint16(at + 22, true) === 16)
        rate = head.getUint32(at + 12, true);
      if (tag(at) === "data" && rate) return { wav, rate, at: at + 8, bytes: head.getUint32(at + 4, true) };
    }
    return null;
  };
  const paint = async (view) => {
    const { from, end, width, scale } = view;
    const { wav, rate, at, bytes } = file;
    const first = Math.max(0, Math.floor((from / 1000) * rate) - size);
    const data = await wav
      .slice(at + 2 * first, at + Math.min(bytes, 2 * (Math.ceil((end / 1000) * rate) + size)))
      .arrayBuffer();
    const samples = new Int16Array(data, 0, data.byteLength >> 1);
    const length = Math.min(size, Math.round(0.025 * rate)),
      window = hann(length);
    const columns = Math.ceil(width),
      bins = Math.min(size / 2, Math.round((8000 * size) / rate));
    const picture = new ImageData(columns, bins),
      real = new Float64Array(size),
      imaginary = new Float64Array(size);
    for (let x = 0; x < columns; x++) {
      const middle = Math.round(((from + x / scale) / 1000) * rate) - first,
        start = middle - (length >> 1);
      real.fill(0);
      for (let n = 0; n < length; n++) real[n] = (samples[start + n] || 0) * window[n];
      transform(real, imaginary);
      for (let bin = 0; bin < bins; bin++) {
        const decibels = 10 * Math.log10(real[bin] ** 2 + imaginary[bin] ** 2 + 1) + (6 * Math.log2(bin + 1)) / 2;
        const place = 4 * ((bins - 1 - bin) * columns + x);
        picture.data[place + 3] = 255 * Math.min(Math.max((decibels - 62) / 60, 0), 1);
      }
    }
    const canvas = document.createElement("canvas");
    canvas.width = columns;
    canvas.height = bins;
    canvas.getContext("2d").putImageData(picture, 0, 0);
    return { canvas, from, scale, width };
  };
  const same = (view) => image && image.from === view.from && image.scale === view.scale && image.width === view.width;
  let working = false;
  const update = async (view) => {
    if (working || same(view)) return;
    working = true;
    try {
      image = await paint(view);
    } catch {
      report.say("The recording cannot be read any more: choose it again.");
      file = null;
      report.setSpectrogram(null);
      return;
    } finally {
      working = false;
    }
    report.redraw();
  };
  const draw = (context, view, colours, row) => {
    context.font = "11px system-ui, sans-serif";
    if (view.end - view.from > most * 1000) {
      context.fillStyle = colours.soft;
      return context.fillText(
        `Zoom in to less than ${most} s to see the spectrogram.`,
        view.left + 8,
        row.top + row.height / 2,
      );
    }
    if (image) {
      const x = view.pixel(image.from);
      context.filter = matchMedia("(prefers-color-scheme: dark)").matches ? "invert(1)" : "none";
      context.drawImage(image.canvas, x, row.top + 1, (image.width / image.scale) * view.scale, row.height - 1);
      context.filter = "none";
    }
    update({ from: view.from, end: view.end, width: view.width, scale: view.scale });
  };
  field.addEventListener("change", async () => {
    const found = field.files[0] ? await header(field.files[0]) : null;
    if (!found) return report.say("This is no 16-bit WAV: choose the recording that the page plays.");
    if (Math.abs((found.bytes / 2 / found.rate) * 1000 - report.length) > 50)
      return report.say("This WAV is not as long as the interview: choose the recording that the page plays.");
    file = found;
    image = null;
    report.setSpectrogram(draw);
  });
}
