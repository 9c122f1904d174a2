"""Ways to break the tiny release, and the tests that expect exactly the fault that follows."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from imigue_build.release.validate.run import Fault, validate
from tests.release.tiny_release import RATE, Content, Samples, TinyRelease, build, write_wav

ONE, TWO = "0001/0001", "0002/0002"
CLIP = "0001/interviewee/segment_001"
GRID, WORDS = f"{ONE}.TextGrid", f"{ONE}.words.TextGrid"
MANIFEST, PROVENANCE, SUMS, LABELS = "manifest.jsonl", "provenance.json", "SHA256SUMS", "labels.csv"
README, DROPPED = "README.md", "dropped.jsonl"

Edit = Callable[[Content], object]
Damage = Callable[[TinyRelease], object]


class Case(NamedTuple):
    """A way to break a release: its content before it is written, or its files after.

    `path` is where the one fault of `rule` is told; `resum` says whether the sums follow the damage.
    """

    rule: str
    path: str
    what: str
    edit: Edit | None = None
    damage: Damage | None = None
    resum: bool = True

    def check(self, root: Path) -> None:
        """Its fault, and no other, is told."""
        found = self.found(root)
        assert {(fault.rule, fault.path) for fault in found} == {(self.rule, self.path)}, found
        assert all(fault.message for fault in found)

    def found(self, root: Path) -> list[Fault]:
        content = Content()
        if self.edit:
            self.edit(content)
        release = build(root, content)
        if self.damage:
            self.damage(release)
            if self.resum:
                release.resum()
        return validate(root)


def row(index: int, **values: object) -> Edit:
    """Sets keys of a manifest row."""
    return lambda content: content.rows[index].update(values)


def word(index: int, place: int, **values: object) -> Edit:
    """Sets keys of a word of a manifest row, and the row's raw text with it."""

    def edit(content: Content) -> None:
        one = content.rows[index]
        one["words"][place].update(values)
        one["raw"] = " ".join(str(each["word"]) for each in one["words"])

    return edit


def provenance(**values: object) -> Edit:
    return lambda content: content.provenance.update(values)


def video(**values: object) -> Edit:
    """Sets keys of the video 0001 in the provenance; None takes a key away."""

    def edit(content: Content) -> None:
        entry = {**content.provenance["videos"]["0001"], **values}
        content.provenance["videos"]["0001"] = {key: value for key, value in entry.items() if value is not None}

    return edit


def export(**values: object) -> Edit:
    return lambda content: content.provenance["config"]["export"].update(values)


def edits(*steps: Edit) -> Edit:
    def edit(content: Content) -> None:
        for step in steps:
            step(content)

    return edit


def tier(name: str, place: int, interval: tuple[float, float, str]) -> Edit:
    """Sets one interval of one of the tiers that come from the diarization of 0001."""

    def edit(content: Content) -> None:
        getattr(content, name)["0001"][place] = interval

    return edit


def without(key: str, *, inside: str = "") -> Edit:
    """Takes a key out of the provenance, or out of the first manifest row."""

    def edit(content: Content) -> None:
        document: Any = {"": content.provenance, "row": content.rows[0], "word": content.rows[0]["words"][0]}[inside]
        document.pop(key)

    return edit


def replaced(path: str, old: str, new: str) -> Damage:
    return lambda release: release.replace(path, old, new)


def added(path: str, text: str) -> Damage:
    return lambda release: release.write(path, release.read(path) + text)


def written(path: str, text: str | bytes) -> Damage:
    data = text if isinstance(text, bytes) else text.encode()
    return lambda release: (release.root / path).write_bytes(data)


def filtered(path: str, change: Callable[[str], str]) -> Damage:
    return lambda release: release.write(path, change(release.read(path)))


def unlinked(path: str) -> Damage:
    return lambda release: (release.root / path).unlink()


def made(path: str) -> Damage:
    return lambda release: (release.root / path).mkdir()


def swapped(path: str, first: int) -> Damage:
    """Exchanges two neighbouring lines."""

    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        lines[first : first + 2] = reversed(lines[first : first + 2])
        return "".join(lines)

    return filtered(path, change)


def folder_instead(path: str) -> Damage:
    def damage(release: TinyRelease) -> None:
        (release.root / path).unlink()
        (release.root / path).mkdir()

    return damage


def pipe_instead(path: str) -> Damage:
    def damage(release: TinyRelease) -> None:
        (release.root / path).unlink()
        os.mkfifo(release.root / path)

    return damage


def trailing_byte(path: str) -> Damage:
    return lambda release: (release.root / path).write_bytes((release.root / path).read_bytes() + b"x")


def link_instead(path: str, target: str = "../outside") -> Damage:
    def damage(release: TinyRelease) -> None:
        (release.root / path).rename(release.root / target)
        (release.root / path).symlink_to((release.root / target).resolve())

    return damage


def sound(
    path: str, change: Callable[[Samples], Any] = lambda samples: samples, rate: int = RATE, channels: int = 1
) -> Damage:
    """Rewrites a WAV's samples or form."""

    def damage(release: TinyRelease) -> None:
        with wave.open(str(release.root / path)) as reader:
            samples = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
        write_wav(release.root / path, change(samples.astype(np.int16)), rate, channels)

    return damage


def one_sample_off(samples: Samples) -> Samples:
    samples[len(samples) // 2] += 1
    return samples


def shorter(path: str, lost: int) -> Damage:
    return lambda release: os.truncate(release.root / path, (release.root / path).stat().st_size - lost)


def exchanged_roles(content: Content) -> None:
    """Makes everybody in 0001 what the other one is."""
    other = {"interviewee": "interviewer", "interviewer": "interviewee"}
    for one in content.rows[:6]:
        role = one["role"]
        one.update(role=other[role], clip=one["clip"] and one["clip"].replace(role, other[role]))


def no_clip(index: int) -> Edit:
    return row(index, segment_id=None, clip=None)


def named(case: Case) -> str:
    """The name of a case in pytest's report."""
    return f"{case.rule}: {case.what}"
