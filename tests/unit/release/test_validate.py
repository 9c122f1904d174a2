"""One case a rule: each breaks one thing in a sound release and expects that fault alone."""

from __future__ import annotations

import os
import shutil
import wave
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from imigue_build.errors import UsageError
from imigue_build.release.rules_base import LIMIT
from imigue_build.release.validate import Fault, validate
from tests.unit.release.tiny_release import RATE, TinyRelease, build, write_wav

ONE, TWO = "0001/0001", "0002/0002"
CLIP = "0001/interviewee/segment_001"
MANIFEST, PROVENANCE, SUMS, LABELS = "manifest.jsonl", "provenance.json", "SHA256SUMS", "labels.csv"


class Case(NamedTuple):
    """A way to break a release, and the (rule, path) of every fault that must follow."""

    name: str
    break_it: Callable[[TinyRelease], object]
    faults: list[tuple[str, str]]
    resum: bool = True


def case(name: str, rule: str, path: str, break_it: Callable[[TinyRelease], object], *, resum: bool = True) -> Case:
    return Case(name, break_it, [(rule, path)], resum)


def change(path: str, old: str, new: str) -> Callable[[TinyRelease], None]:
    return lambda release: release.replace(path, old, new)


def row(index: int, **values: object) -> Callable[[TinyRelease], None]:
    """Sets keys of a manifest row."""
    return lambda release: release.change_row(index, lambda document: document.update(values))


def word(index: int, place: int, **values: object) -> Callable[[TinyRelease], None]:
    """Sets keys of a word of a manifest row."""
    return lambda release: release.change_row(index, lambda document: document["words"][place].update(values))


def provenance(**values: object) -> Callable[[TinyRelease], None]:
    return lambda release: release.change_provenance(lambda document: document.update(values))


def both(*steps: Callable[[TinyRelease], object]) -> Callable[[TinyRelease], None]:
    def run(release: TinyRelease) -> None:
        for step in steps:
            step(release)

    return run


def unlink(path: str) -> Callable[[TinyRelease], None]:
    return lambda release: (release.root / path).unlink()


def unlist(path: str) -> Callable[[TinyRelease], None]:
    """Takes a file's line out of SHA256SUMS."""

    def run(release: TinyRelease) -> None:
        lines = release.read(SUMS).splitlines(keepends=True)
        release.write(SUMS, "".join(line for line in lines if not line.endswith(f"  {path}\n")))

    return run


def add(path: str, text: str) -> Callable[[TinyRelease], None]:
    return lambda release: release.write(path, release.read(path) + text)


def prepend(path: str, text: str) -> Callable[[TinyRelease], None]:
    return lambda release: release.write(path, text + release.read(path))


def raw_bytes(path: str, data: bytes) -> Callable[[TinyRelease], None]:
    return lambda release: (release.root / path).write_bytes(data)


def samples(release: TinyRelease, path: str) -> np.ndarray:
    with wave.open(str(release.root / path)) as reader:
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2")


def rewave(
    path: str, change_it: Callable[[np.ndarray], np.ndarray], rate: int = RATE, channels: int = 1
) -> Callable[[TinyRelease], None]:
    """Rewrites a WAV's samples or format."""
    return lambda release: write_wav(release.root / path, change_it(samples(release, path)), rate, channels)


def louder(sound: np.ndarray) -> np.ndarray:
    changed = sound.copy()
    changed[len(changed) // 2] += 1
    return changed


def cut_file(path: str, lost: int) -> Callable[[TinyRelease], None]:
    return lambda release: os.truncate(release.root / path, (release.root / path).stat().st_size - lost)


def replaced_by_folder(path: str) -> Callable[[TinyRelease], None]:
    def run(release: TinyRelease) -> None:
        (release.root / path).unlink()
        (release.root / path).mkdir()

    return run


def replaced_by_link(path: str) -> Callable[[TinyRelease], None]:
    """Moves a file out of the release and links to it."""

    def run(release: TinyRelease) -> None:
        outside = release.root.parent / "outside"
        (release.root / path).rename(outside)
        (release.root / path).symlink_to(outside)

    return run


def swapped_lines(path: str, first: int) -> Callable[[TinyRelease], None]:
    def run(release: TinyRelease) -> None:
        lines = release.read(path).splitlines(keepends=True)
        lines[first : first + 2] = reversed(lines[first : first + 2])
        release.write(path, "".join(lines))

    return run


def renamed_role(release: TinyRelease) -> None:
    """Makes the one speaker of 0002 an interviewer everywhere."""
    old, new = "interviewee", "interviewer"
    (release.root / "0002" / old).rename(release.root / "0002" / new)
    release.change_row(6, lambda document: document.update(role=new, clip=f"0002/{new}/segment_001.wav"))
    release.replace(f"{TWO}.txt", "INTERVIEWEE", "INTERVIEWER")
    for path in (f"{TWO}.TextGrid", f"{TWO}.words.TextGrid"):
        text = release.read(path).replace(f'"{old}', '"X').replace(f'"{new}', f'"{old}').replace('"X', f'"{new}')
        items = text.split("    item [")
        middle = 2 if path == f"{TWO}.TextGrid" else 3
        head, own, other, rest = items[0], items[1:middle], items[middle : 2 * middle - 1], items[2 * middle - 1 :]
        parts = [part[part.index("]") :] for part in (*other, *own, *rest)]
        release.write(path, head + "".join(f"    item [{n}{part}" for n, part in enumerate(parts, 1)))


def clip_span(index: int, start: float, end: float) -> Callable[[TinyRelease], None]:
    """Moves a row with a clip to another span, and cuts its clip there."""

    def run(release: TinyRelease) -> None:
        def move(document: dict[str, object]) -> None:
            document.update(start=start, end=end)
            video_id = document["video_id"]
            sound = samples(release, f"{video_id}/{video_id}.wav")
            first, last = ((round(time * 1000) * RATE + 500) // 1000 for time in (start, end))
            write_wav(release.root / str(document["clip"]), sound[first:last])

        release.change_row(index, move)

    return run


def without_clip(index: int) -> Callable[[TinyRelease], None]:
    """Takes the clip of a row away, which must be its role's last."""

    def run(release: TinyRelease) -> None:
        def drop(document: dict[str, object]) -> None:
            stem = str(document["clip"]).removesuffix(".wav")
            for ending in (".wav", ".raw.txt", ".asr.txt"):
                (release.root / (stem + ending)).unlink()
            document.update(segment_id=None, clip=None)

        release.change_row(index, drop)

    return run


SEGMENTS_GRID, WORDS_GRID = f"{ONE}.TextGrid", f"{ONE}.words.TextGrid"
AT = "\n            "

FILES = [
    case("file gone", "file-missing", f"{CLIP}.raw.txt", unlink(f"{CLIP}.raw.txt"), resum=False),
    case("file gone, not listed", "file-missing", f"{ONE}.wav", unlink(f"{ONE}.wav")),
    case("card gone", "file-missing", "README.md", unlink("README.md")),
    case("manifest gone", "file-missing", MANIFEST, unlink(MANIFEST)),
    case("provenance gone", "file-missing", PROVENANCE, unlink(PROVENANCE)),
    case("labels gone", "file-missing", LABELS, unlink(LABELS)),
    case("sums gone", "file-missing", SUMS, unlink(SUMS), resum=False),
    case("folder for a file", "file-kind", f"{CLIP}.wav", replaced_by_folder(f"{CLIP}.wav")),
    case("folder for the manifest", "file-kind", MANIFEST, replaced_by_folder(MANIFEST)),
    case("link outside", "symlink", f"{CLIP}.wav", replaced_by_link(f"{CLIP}.wav")),
    case("stray at the top", "file-unexpected", "notes.txt", lambda r: r.write("notes.txt", "x\n")),
    case("stray in a folder", "file-unexpected", "0001/.DS_Store", lambda r: r.write("0001/.DS_Store", "x\n")),
    case("stray folder", "file-unexpected", "0001/video", lambda r: (r.root / "0001/video").mkdir()),
    case("clip without row", "file-unexpected", f"{CLIP[:-1]}7", lambda r: r.write(f"{CLIP[:-1]}7.raw.txt", "x\n")),
    case("folder without id", "video-id", "a b", lambda r: (r.root / "a b").mkdir()),
    case("sums line", "sums-format", SUMS, add(SUMS, "0123  README.md\n"), resum=False),
    case("sums twice", "sums-format", SUMS, add(SUMS, f"{'0' * 64}  README.md\n"), resum=False),
    case("sums stray", "sums-format", SUMS, add(SUMS, f"{'0' * 64}  ../README.md\n"), resum=False),
    case("sums of itself", "sums-format", SUMS, add(SUMS, f"{'0' * 64}  SHA256SUMS\n"), resum=False),
    case("sums not whole", "sums-coverage", f"{ONE}.rttm", unlist(f"{ONE}.rttm"), resum=False),
    case("content changed", "sums-hash", "README.md", add("README.md", "More.\n"), resum=False),
    case("not UTF-8", "text-utf8", "README.md", raw_bytes("README.md", b"caf\xe9\n")),
    case("BOM", "text-bom", LABELS, prepend(LABELS, "\ufeff")),
    case("BOM in the manifest", "text-bom", MANIFEST, prepend(MANIFEST, "\ufeff")),
    case("CRLF", "text-newlines", f"{CLIP}.raw.txt", lambda r: r.replace(f"{CLIP}.raw.txt", "\n", "\r\n")),
    case("CRLF in the manifest", "text-newlines", MANIFEST, change(MANIFEST, '}\n{"video_id": "0002"', '}\r\n{"video_id": "0002"')),
    case("no final newline", "text-final-newline", f"{TWO}.txt", change(f"{TWO}.txt", "you.\n", "you.")),
    case("manifest without final newline", "text-final-newline", MANIFEST, lambda r: r.write(MANIFEST, r.read(MANIFEST)[:-1])),
]

TABLES = [
    case("header", "labels-header", LABELS, change(LABELS, "subject_gender", "gender")),
    case("empty table", "labels-header", LABELS, lambda r: r.write(LABELS, "")),
    case("cells", "labels-row", LABELS, change(LABELS, "0002,,,", "0002,,")),
    case("quotes", "labels-row", LABELS, change(LABELS, "0002,,,", '0002,"x,,')),
    case("outcome", "labels-outcome", LABELS, change(LABELS, ",Win", ",win")),
    case("unsorted", "labels-sorted", LABELS, swapped_lines(LABELS, 1)),
    case("twice", "labels-unique", LABELS, add(LABELS, "0002,,,\n")),
    case("no folder", "labels-folders", LABELS, add(LABELS, "0003,,,\n")),
    case("no row", "labels-folders", LABELS, change(LABELS, "0002,,,\n", "")),
    case("id", "labels-id", LABELS, add(LABELS, "a b,,,\n")),
    case("no licence", "readme-content", "README.md", change("README.md", "Licence", "Price")),
    case("no citation", "readme-content", "README.md", change("README.md", "cite", "quote")),
    case("no tool", "readme-content", "README.md", change("README.md", "asr 1.2", "asr")),
    case("no revision", "readme-content", "README.md", change("README.md", "r7", "seven")),
    case("dropped line", "dropped-row", "dropped.jsonl", lambda r: r.write("dropped.jsonl", "{]\n")),
    case("no reason", "dropped-row", "dropped.jsonl", lambda r: r.write("dropped.jsonl", '{"video_id": "1"}\n')),
    case("not JSON", "provenance-json", PROVENANCE, add(PROVENANCE, "{")),
    case("not an object", "provenance-json", PROVENANCE, lambda r: r.write(PROVENANCE, "[]\n")),
    case("deep", "provenance-json", PROVENANCE, lambda r: r.write(PROVENANCE, "[" * 10**5 + "\n")),
    case("newer", "format-version", PROVENANCE, both(provenance(format_version=2), add(MANIFEST, "{"))),
    case("older", "format-version", PROVENANCE, provenance(format_version=0)),
    case("no config", "provenance-keys", PROVENANCE, lambda r: r.change_provenance(lambda d: d.pop("config"))),
    case("a number for a text", "provenance-keys", PROVENANCE, provenance(imigue_build=1)),
    case("a truth for a number", "provenance-keys", PROVENANCE, provenance(format_version=True)),
    case("no version", "provenance-tools", PROVENANCE, provenance(tools={"imaginary-asr": None})),
    case("no model's name", "provenance-models", PROVENANCE, provenance(models=[{"revision": "r"}])),
    case(
        "no model's hash",
        "provenance-models",
        PROVENANCE,
        provenance(models=[{"name": "tiny-en", "revision": "r7", "sha256": "beef"}]),
    ),
    case("path", "provenance-portable", PROVENANCE, provenance(config={"model": "/home/me/model"})),
    case("date", "provenance-portable", PROVENANCE, provenance(made="2020-01-01T10:00:00Z")),
    case("no video", "provenance-videos", PROVENANCE, lambda r: r.change_provenance(lambda d: d["videos"].pop("0001"))),
    case(
        "a video too many",
        "provenance-videos",
        PROVENANCE,
        lambda r: r.change_provenance(lambda d: d["videos"].update({"9": {"sha256": "a" * 64}})),
    ),
    case(
        "video's hash",
        "provenance-sha256",
        PROVENANCE,
        lambda r: r.change_provenance(lambda d: d["videos"]["0001"].pop("sha256")),
    ),
    case(
        "duration",
        "provenance-duration",
        PROVENANCE,
        lambda r: r.change_provenance(lambda d: d["videos"]["0001"].update(duration_s=6.01)),
    ),
    case(
        "no duration",
        "provenance-duration",
        PROVENANCE,
        lambda r: r.change_provenance(lambda d: d["videos"]["0001"].pop("duration_s")),
    ),
]

ROWS = [
    case("not JSON", "manifest-json", MANIFEST, change(MANIFEST, '"raw": "How', '"raw": How')),
    case("truncated", "manifest-json", MANIFEST, lambda r: r.write(MANIFEST, r.read(MANIFEST)[:-9] + "\n")),
    case("blank line", "manifest-json", MANIFEST, add(MANIFEST, "\n")),
    case("a number for a text", "manifest-json", MANIFEST, row(0, raw=7)),
    case("NaN", "manifest-json", MANIFEST, row(0, start=float("nan"))),
    case("NaN elsewhere", "manifest-json", MANIFEST, row(0, snr_db=float("nan"))),
    case("key gone", "manifest-json", MANIFEST, lambda r: r.change_row(0, lambda d: d.pop("language"))),
    case("key of a word gone", "manifest-json", MANIFEST, lambda r: r.change_row(0, lambda d: d["words"][0].pop("aligned"))),
    case("role", "manifest-json", MANIFEST, row(0, role="umpire")),
    case("stranger", "manifest-video", MANIFEST, both(add(MANIFEST, ""), lambda r: r.write(
        MANIFEST, r.read(MANIFEST) + r.read(MANIFEST).splitlines()[6].replace('"0002"', '"0003"') + "\n"))),
    Case("unsorted", lambda r: [swapped_lines(p, 2)(r) for p in (MANIFEST, f"{ONE}.raw.txt", f"{ONE}.asr.txt")],
         [("manifest-sorted", MANIFEST)]),
    case("backwards", "row-times", MANIFEST, row(2, end=3.8)),
    case("not whole milliseconds", "row-times", MANIFEST, row(2, start=3.9004)),
    case("huge", "row-times", MANIFEST, row(5, end=1e300)),
    case("after the end", "row-times", MANIFEST, both(without_clip(5), row(5, end=6.5))),
    case("word backwards", "word-times", MANIFEST, word(2, 0, end=3.9)),
    case("word outside its row", "word-times", MANIFEST, both(row(2, start=3.93, overlap_s=0.17))),
    case("raw is not its words", "row-text", MANIFEST, word(0, 3, word="feel")),
    case("upper case", "row-asr", MANIFEST, row(2, asr="Yes")),
    case("digits", "row-asr", MANIFEST, row(2, asr="yes 1")),
    case("punctuation", "row-asr", MANIFEST, row(2, asr="yes.")),
    case("two spaces", "row-asr", MANIFEST, row(2, asr="yes  yes")),
    case("nothing", "row-asr", MANIFEST, row(2, asr="")),
    case("language", "row-language", MANIFEST, row(0, language="English")),
    case("overlap_s", "row-overlap", MANIFEST, row(2, overlap_s=0.1)),
    case("overlap_s negative", "row-overlap", MANIFEST, row(0, overlap_s=-0.001)),
    case("asr_confidence", "confidence-range", MANIFEST, row(0, asr_confidence=1.5)),
    case("role_confidence", "confidence-range", MANIFEST, row(0, role_confidence=-0.1)),
    case("word confidence", "confidence-range", MANIFEST, word(0, 0, confidence=2)),
]
