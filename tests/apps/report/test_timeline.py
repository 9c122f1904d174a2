"""The time line: words as boxes that play, stretches that are played again and again, phones, pitch, spectrogram."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imigue_build.apps.report.pitch import HIGHEST, LOWEST, Tracker
from tests.apps.report.conftest import Opened, ready, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGE = "interviews/0001.html"
HZ = 44_100
NAMES = 96
"""Pixels of the rows' names."""


def place_of(page: Page, ms: float, row: float) -> tuple[float, float]:
    """Where a moment is on the screen, `row` pixels below the top of the time line."""
    box = page.locator("#timeline canvas").bounding_box()
    assert box
    return box["x"] + float(page.evaluate("ms => report.view.pixel(ms)", ms)), box["y"] + row


def below(page: Page, speaker: int) -> float:
    """Pixels from the top of the time line to the boxes of a speaker's words."""
    return 20 + 68 + speaker * 59 + 22


@pytest.mark.browser
def test_a_click_on_a_word_plays_it_alone(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.mouse.click(*place_of(page, 2500, below(page, 0)))
    assert page.evaluate("report.selected()") == 5 and not page.evaluate("audio.paused")
    until(page, "audio.paused")
    assert 2.85 < page.evaluate("audio.currentTime") < 3.0
    page.mouse.click(*place_of(page, 2500, below(page, 1)))  # the other speaker's row is empty there
    until(page, "!audio.seeking")
    assert page.evaluate("audio.paused") and page.evaluate("audio.currentTime") == pytest.approx(2.5, abs=0.02)


@pytest.mark.browser
def test_a_drag_selects_a_stretch_that_is_played_again_and_again(opened: Opened) -> None:
    page = ready(opened(PAGE))
    page.evaluate("""() => { window.seen = []; report.on("time", (ms) => seen.push(ms)); }""")
    page.mouse.move(*place_of(page, 1000, 50))
    page.mouse.down()
    page.mouse.move(*place_of(page, 1200, 50))
    page.mouse.move(*place_of(page, 1300, 50))
    page.mouse.up()
    assert page.is_visible(".selection")
    until(page, "seen.filter((ms, at) => at && ms < seen[at - 1] - 100).length >= 3")
    assert page.evaluate("Math.max(...seen)") < 1450 and page.evaluate("Math.min(...seen.slice(1))") > 980
    page.keyboard.press("Escape")
    assert not page.is_visible(".selection")
    until(page, "audio.currentTime > 1.6")


@pytest.mark.browser
def test_phones_stand_below_their_words(opened: Opened) -> None:
    page = ready(opened(PAGE))
    found = page.evaluate(
        """() => { const { starts, lengths, kinds } = report.tiers.phones.interviewer;
        return [...starts].map((start, at) => [start, start + lengths[at], report.data.phones.names[kinds[at]]]); }"""
    )
    assert found[:2] == [[300, 499, "AH"], [500, 699, "AH"]]


@pytest.mark.browser
def test_the_spectrogram_is_of_the_recording_that_the_user_chooses(opened: Opened, report: Path) -> None:
    page = ready(opened(PAGE))
    before = page.locator("#timeline").bounding_box()
    page.set_input_files("#recording", report / "interviews/0002.wav")
    until(page, "document.getElementById('said').textContent.includes('not as long')")
    page.set_input_files("#recording", report / "interviews/0001.html")
    until(page, "document.getElementById('said').textContent.includes('no 16-bit WAV')")
    page.set_input_files("#recording", report / "interviews/0001.wav")
    until(page, f"document.getElementById('timeline').offsetHeight > {before['height'] + 80 if before else 0}")
    inked = """(() => { const copy = new OffscreenCanvas(600, 70).getContext("2d", { willReadFrequently: true });
        copy.drawImage(document.querySelector("#timeline canvas"), -200, -95);
        const { data } = copy.getImageData(0, 0, 600, 70);
        return data.filter((value, at) => at % 4 === 3 && value > 100).length; })() > 500"""
    until(page, inked)


def tone(hertz: float, seconds: float = 4.0) -> Any:
    time = np.arange(int(HZ * seconds)) / HZ
    parts = [np.sin(2 * np.pi * hertz * part * time) / part for part in range(1, 8)]
    return (3000 * np.sum(parts, axis=0)).astype(np.int16)


def pitch(*blocks: Any) -> Any:
    tracker = Tracker()
    for block in blocks:
        tracker.add(block)
    return np.frombuffer(tracker.values(), np.uint8)


@pytest.mark.parametrize("hertz", [75.0, 110.0, 220.0, 400.0])
def test_the_pitch_of_a_voice_is_measured(hertz: float) -> None:
    values = pitch(tone(hertz))
    found = LOWEST * (HIGHEST / LOWEST) ** ((values[10:-10].astype(float) - 1) / 254)
    assert np.abs(np.log2(found / hertz)).max() < 1 / 24  # half a semitone


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 2000, 4 * HZ).astype(np.int16)
    assert (pitch(noise) > 0).mean() < 0.02
    assert not pitch(np.zeros(HZ, np.int16)).any()


def test_the_pitch_does_not_depend_on_the_blocks() -> None:
    sound = tone(110)
    one, many = pitch(sound), pitch(*np.split(sound, 4))
    assert len(one) == len(many) == 199
    assert np.abs(one.astype(int) - many.astype(int)).max() <= 2
