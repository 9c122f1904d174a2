"""The page of an hour in a headless Chromium: the delay of a click, and of the text after the sound."""

from __future__ import annotations

import os
import tempfile
import time
import wave
from pathlib import Path
from typing import Any, Final

import numpy as np

from imigue_build.apps.report import write_report
from tests.apps.report.conftest import chromium
from tests.apps.report.making import long_release
from tests.release.tiny_release import RATE

_LIMIT: Final = 100.0
_CLOSE: Final = 50.0
_CLICKS: Final = 20

_CLICK: Final = """async (number) => {
    const word = document.querySelector(`.w[data-i="${number}"]`), audio = document.getElementById("audio");
    word.scrollIntoView({ block: "end", behavior: "instant" });
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    const heard = (done) => audio.addEventListener("seeked", () => done(performance.now()), { once: true });
    const sought = new Promise(heard);
    const began = performance.now();
    word.click();
    if (!word.matches(".now.selected")) throw new Error("the click was not answered");
    const painted = await new Promise((done) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now());
        channel.port2.postMessage(0);
    }));
    return [painted - began, (await sought) - began];
}"""
_FOLLOW: Final = """async (seconds) => {
    const audio = document.getElementById("audio"), { starts } = report.data;
    let worst = 0, frames = 0, before = Infinity;
    await audio.play();
    const until = audio.currentTime + seconds;
    await new Promise((done) => {
        const check = () => {
            const now = audio.currentTime * 1000;
            const should = report.last(starts, now), word = document.querySelector(".w.now");
            const late = !word || Number(word.dataset.i) !== should;
            if (late || starts[should] > before) worst = Math.max(worst, now - starts[should]);
            before = now;
            frames++;
            if (audio.currentTime < until) requestAnimationFrame(check); else done();
        };
        requestAnimationFrame(check);
    });
    audio.pause();
    return [worst, frames / seconds];
}"""


def measure(minutes: float = 60.0) -> dict[str, float]:
    """Milliseconds, and the worst as shares of their limits: 100 ms for a click, 50 ms for the text.

    A click is answered when the word is marked and the frame with it is painted; the sound is there when the element
    says `seeked`. The text is checked in every frame: its delay is the time from the start of a word to the first frame
    that marks it.
    """
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        root = Path(temporary)
        _release(root / "release", minutes)
        started = time.monotonic()
        write_report(root / "release", root / "out")
        written = time.monotonic() - started
        sizes = {path.suffix: path.stat().st_size / 2**20 for path in (root / "out/interviews").iterdir()}
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--autoplay-policy=no-user-gesture-required", "--mute-audio"],
            chromium_sandbox=os.getuid() != 0,
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto((root / "out/interviews/long.html").as_uri())
        loaded: float = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        words: int = page.evaluate("report.data.starts.length")
        page.evaluate("new Promise((done) => audio.readyState > 2 ? done() : audio.addEventListener('canplay', done))")
        places = [words * (number * 7 % _CLICKS) // _CLICKS + number for number in range(_CLICKS)]
        clicks: list[Any] = [page.evaluate(_CLICK, place) for place in places]
        behind, frames = page.evaluate(_FOLLOW, 10)
        browser.close()
    painted, sought = (sorted(times) for times in zip(*clicks, strict=True))
    return {
        "worst click / 100 ms": painted[-1] / _LIMIT,
        "text behind the sound / 50 ms": behind / _CLOSE,
        "click, median ms": painted[_CLICKS // 2],
        "click, worst ms": painted[-1],
        "sound there, median ms": sought[_CLICKS // 2],
        "sound there, worst ms": sought[-1],
        "text behind, worst ms": behind,
        "frames a second": frames,
        "page complete, ms": loaded,
        "words": words,
        "page, MiB": sizes[".html"],
        "sound, MiB": sizes[".wav"],
        "written, s": written,
    }


def _release(root: Path, minutes: float) -> None:
    """An interview of two people in turns of 10 s, three words a second, on noise that comes and goes."""
    long_release(root, minutes)
    noise = np.random.default_rng(1).normal(0, 2000, 10 * RATE) * np.abs(np.sin(np.arange(10 * RATE) / RATE))
    with wave.open(str(root / "long/long.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(round(minutes * 6)):
            file.writeframes(noise.astype("<i2").tobytes())


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
