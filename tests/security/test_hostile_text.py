"""Files made to harm whoever reads them: each is answered in bounded time, memory and words."""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from imigue_build.apps.gestures.labels import read_gestures
from imigue_build.apps.review import review
from imigue_build.backends.configs import load
from imigue_build.backends.speaker_embedding.weights import read_weights
from imigue_build.config.loading import recipes
from imigue_build.core.errors import AnnotationError, BackendError, ConfigError, ImigueError, UsageError
from imigue_build.core.record_json import decode
from imigue_build.core.records import Label, Transcript
from imigue_build.core.untrusted import bounded_yaml
from imigue_build.core.untrusted.formula_cells import restored, shielded
from imigue_build.corpus import overrides
from imigue_build.corpus.annotations import plain, transcripts, turns
from imigue_build.corpus.labels import read_labels
from imigue_build.corpus.overrides.write import added
from imigue_build.release.schema import labels as label_table
from imigue_build.release.validate.run import validate
from imigue_build.text.lexicon import read_lexicon
from tests.release.tiny_release import Content, build
from tests.security.parsers import GRID, LONGEST_MESSAGE, SHORT_GRID, weights

pytestmark = pytest.mark.slow

QUICK = 8.0
"""Seconds for the largest of these, on a busy machine."""
HEADER = "video_id,subject_gender,subject_nationality,win_or_lose\n"
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
YAMLS = {
    "python object": "name: !!python/object/apply:os.system ['touch harmed']",
    "python name": "name: !!python/name:os.system",
    "billion laughs": LAUGHS,
    "long text, often": f"a: &a {'x' * 200_000}\nb: [{','.join(['*a'] * 10_000)}]",
    "merged laughs": "a: &a {x: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [*a, *a]}}\n" for n in range(20_000)),
    "holds itself": "a: &a [*a]",
    "key holds itself": "&a ? *a : 1",
    "deep list": "[" * 100_000,
    "deep mapping": "{a: " * 50_000,
    "deep dashes": "- " * 100_000,
    "many keys": "".join(f"k{n}: 1\n" for n in range(25_000)),
    "long key": "k" * 290_000 + ": 1",
    "NUL": "name: a\0b",
    "escaped NUL": 'name: x\noverrides: "a\\0b"',
    "half a character": 'name: "\\ud800"',
    "no date": "name: 2001-99-99",
    "empty number": "name: !!int ''",
    "no home": "name: x\noverrides: ~nobody-of-this-name/x",
    "long name": f"name: x\ntranscribe: {{backend: whisperx, model: {'m' * 5000}}}",
    "infinite": "name: x\nalign: {backend: pocketsphinx, pause: .inf}",
    "two documents": "a: 1\n---\nb: 2\n",
    "a key that is there twice": "num_speakers: 2\nnum_speakers: 3\n",
}


def refused(read: Callable[[], object], kind: type[ImigueError]) -> str:
    """What is said; it is not long, and was said at once."""
    started = time.process_time()
    with pytest.raises(kind) as caught:
        read()
    assert time.process_time() - started < QUICK
    told = str(caught.value)
    assert len(told) <= LONGEST_MESSAGE
    return told


def said(read: Callable[..., object], *words: object) -> str:
    """What a reader says; nothing where it takes what it is given."""
    try:
        read(*words)
    except ImigueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("what", YAMLS)
def test_a_hostile_config(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "c.yaml"
    path.write_text(YAMLS[what], encoding="utf-8")
    refused(lambda: load(str(path)), ConfigError)
    assert not (tmp_path / "harmed").exists()


def test_a_section_that_is_there_twice(tmp_path: Path) -> None:
    """YAML takes the last, and the settings of the first would be lost without a word."""
    path = tmp_path / "c.yaml"
    path.write_text(
        recipes()["embedded"].read_text("utf-8") + "\nextract: {timeout: 60}\nextract: {max_duration: 60}\n"
    )
    assert "extract is there already" in refused(lambda: load(str(path)), ConfigError)


@pytest.mark.parametrize("what", YAMLS)
def test_hostile_corrections(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "0440.yaml"
    path.write_text(YAMLS[what], encoding="utf-8")
    refused(lambda: overrides.read(path), AnnotationError)
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("what", ["billion laughs", "deep list", "half a character", "two documents"])
def test_corrections_that_cannot_be_added_to(what: str) -> None:
    refused(lambda: added(YAMLS[what], {"comment": "x"}), AnnotationError)


def test_anchors_within_reason_are_taken() -> None:
    assert bounded_yaml.load("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]") == {
        "a": {"x": 1},
        "b": {"x": 1, "y": 2},
        "c": [{"x": 1}, {"x": 1}],
    }


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_a_config_in_another_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes("name: é\n".encode(encoding))
    refused(lambda: load(str(path)), ConfigError)


def test_faults_are_counted_beyond_twenty(tmp_path: Path) -> None:
    config, labels, corrections = (tmp_path / name for name in ("c.yaml", "labels.csv", "0440.yaml"))
    config.write_text("name: x\n" + "".join(f"k{n}: {'v' * 50}\n" for n in range(15_000))[:290_000])
    assert "more" in (told := refused(lambda: load(str(config)), ConfigError)) and len(told) < 10_000
    labels.write_text(HEADER + f"{'x' * 1000},,,{'y' * 1000}\n" * 1000)
    assert "and 1980 more" in refused(lambda: read_labels(labels), UsageError)
    corrections.write_text("".join(f"k{n}: {'v' * 500}\n" for n in range(1000)))
    assert "and 980 more" in refused(lambda: overrides.read(corrections), AnnotationError)


HUGE = {
    "newlines": b"\n" * 4_000_000,
    "commas": b"," * 4_000_000,
    "quoted newlines": b'"' + b"\n" * 4_000_000,
    "quoted cells": b'"\n",' * 1_000_000,
    "NULs": b"\0" * 4_000_000,
    "brackets": b"[" * 4_000_000,
    "angles": b"00:00:01,000 --> 00:00:02,000\n" + b"<v " * 1_000_000,
    "form feeds": b"\x0c" * 4_000_000,
    "letters": b"x" * 4_000_000,
    "carriage returns": b"\r" * 4_000_000,
}
READERS: dict[str, Callable[[Path], object]] = {
    "labels.csv": read_labels,
    "0001_label.csv": read_gestures,
    "0002.txt": read_gestures,
    "lexicon.csv": read_lexicon,
    "c.yaml": lambda path: load(str(path)),
    "0001.yaml": overrides.read,
    "0001.json": lambda path: transcripts.read_segments(path, "0001"),
    "0001.TextGrid": lambda path: transcripts.read_segments(path, "0001"),
    "0001.stm": lambda path: transcripts.read_segments(path, "0001"),
    "0001.ctm": lambda path: transcripts.read_segments(path, "0001"),
    "0001.srt": lambda path: transcripts.read_segments(path, "0001"),
    "0001.vtt": lambda path: transcripts.read_segments(path, "0001"),
    "0001.rttm": lambda path: turns.read_turns(path, "0001", 60.0),
    "0001.txt": plain.read_tokens,
}


@pytest.fixture(scope="module", params=HUGE)
def huge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("huge") / "huge"
    path.write_bytes(HUGE[request.param])
    return path


def test_a_huge_file_is_answered_at_once(huge: Path, tmp_path: Path) -> None:
    """By every reader; what is only large and empty may be taken."""
    for name, read in READERS.items():
        path = tmp_path / name
        path.hardlink_to(huge)
        started = time.process_time()
        assert len(said(read, path)) <= LONGEST_MESSAGE
        assert time.process_time() - started < QUICK, name
    huge.unlink()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3_000_000  # KiB


FORMULAS = ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "'=1", "''+1", "x;=1+1", "\uff1d1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_text_to_spreadsheets_and_itself_to_us(cell: str, tmp_path: Path) -> None:
    data = label_table.encode([Label("0001", "F", cell, "Win")])
    for separator in (",", ";"):  # as spreadsheets of different countries cut
        cells = [one for row in csv.reader(io.StringIO(data.decode()), delimiter=separator) for one in row]
        assert not [one for one in cells if one[:1] in tuple("=+-@\t\r\uff1d")]
    path = tmp_path / "labels.csv"
    path.write_bytes(data)
    assert read_labels(path).labels["0001"].subject_nationality == cell


@pytest.mark.parametrize(
    "cell", ["", "Spain", "Korea, Republic of", "Côte d'Ivoire", "O'Brien", "'tis", 'a "b"', "a-b"]
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert shielded(cell) == restored(cell) == cell


def test_a_release_with_formulas_breaks_no_rule(tmp_path: Path) -> None:
    root = tmp_path / "release"
    release = build(root, Content())
    header, *rows = csv.reader(io.StringIO(release.read("labels.csv")))
    changed = "".join(f"{row[0]},{row[1]},'=1+1,{row[3]}\n" for row in rows)
    release.write("labels.csv", ",".join(header) + "\n" + changed)
    release.resum()
    assert validate(root) == []


@pytest.mark.parametrize("moment", ["nan", "inf", "1e999", "-5", "99999999999"])
def test_a_textgrid_with_no_time(moment: str, tmp_path: Path) -> None:
    path = tmp_path / "0001.TextGrid"
    path.write_text(GRID.replace("xmax = 1.25", f"xmax = {moment}"))
    refused(lambda: transcripts.read_segments(path, "0001"), AnnotationError)
    path.write_text(SHORT_GRID.replace("\n1.25\n", f"\n{moment}\n"))
    refused(lambda: transcripts.read_segments(path, "0001"), AnnotationError)


def test_texts_in_a_text_do_not_hang_praatio(tmp_path: Path) -> None:
    path = tmp_path / "0001.TextGrid"
    path.write_text(GRID.replace('"so ""x"""', '"' + 'text = "x' * 1_000_000))
    refused(lambda: transcripts.read_segments(path, "0001"), AnnotationError)


def test_turns_of_too_many_people(tmp_path: Path) -> None:
    path = tmp_path / "0001.rttm"
    path.write_text("".join(f"SPEAKER 0001 1 {n / 100} 50 <NA> <NA> s{n} <NA> <NA>\n" for n in range(5000)))
    assert "speakers" in refused(lambda: turns.read_turns(path, "0001", 60.0), AnnotationError)


@pytest.mark.parametrize("name", ["manifest.jsonl", "provenance.json"])
@pytest.mark.parametrize(
    "data", [b"[" * 200_000, b'{"videos": 1}', b'{"videos": {"0001": {"role_doubts": 1}}}', b"\xff\n", b"\0" * 1000]
)
def test_a_hostile_release(name: str, data: bytes, tmp_path: Path) -> None:
    root = tmp_path / "release"
    build(root, Content())
    (root / name).write_bytes(data)
    assert validate(root)
    assert len(said(lambda: review(root))) <= LONGEST_MESSAGE


def test_a_record_too_deep_is_no_record() -> None:
    with pytest.raises(ValueError, match=r"deep|unknown field"):
        decode(b'{"x":' * 200_000, Transcript)


HARM = {
    "a call": weights().replace(b"ctorch\nFloatStorage\n", b"cos\nsystem\n"),
    "an attribute": weights().replace(b"ccollections\nOrderedDict\n", b"cbuiltins\neval\n"),
    "a huge memo": weights().replace(b"}X\x0b\x00\x00\x00model", b"}r\xff\xff\xff\x7fX\x0b\x00\x00\x00model"),
    "a huge text": weights().replace(b"X\x0b\x00\x00\x00model_state", b"X\xff\xff\xff\x7fmodel_state"),
    "a huge storage": weights()[:-24] + b"\xff\xff\xff\xff\xff\xff\xff\x0f" + weights()[-16:],
    "a huge view": weights().replace(b"K\x02K\x02\x86K\x02K\x01\x86", b"J\xff\xff\xff\x7fK\x02\x86K\x00K\x00\x86"),
}


@pytest.mark.parametrize("what", HARM)
def test_weights_that_would_do_harm(what: str, tmp_path: Path) -> None:
    """In a process that may take a gigabyte: what asks for more ends it."""
    path = tmp_path / "w.pt"
    path.write_bytes(HARM[what])
    assert HARM[what] != weights()
    if what == "a huge memo":  # it names a place, and takes none
        assert read_weights(path)
    else:
        refused(lambda: read_weights(path), BackendError)
    script = (
        "import resource, sys; from pathlib import Path; import numpy\n"
        "from imigue_build.backends.speaker_embedding.weights import read_weights\n"
        "from imigue_build.core.errors import BackendError\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "try: read_weights(Path(sys.argv[1]))\n"
        "except BackendError: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_good_weights_are_read(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(weights())
    assert {name: tensor.tolist() for name, tensor in read_weights(path).items()} == {"w": [[1.0, 2.0], [3.0, 4.0]]}


def test_a_json_of_hostile_values(tmp_path: Path) -> None:
    path = tmp_path / "0001.json"
    for start in ("NaN", "Infinity", "-1", "1e999", '"x"', "null", "9" * 4000, "true", "[]"):
        path.write_text(f'{{"words": [{{"start": {start}, "end": 1, "word": "x"}}]}}')
        refused(lambda: transcripts.read_segments(path, "0001"), AnnotationError)
    path.write_text(json.dumps({"words": [{"start": 0, "end": 1, "word": "x" * 2_000_000}]}))
    refused(lambda: transcripts.read_segments(path, "0001"), AnnotationError)
