"""lhotse, Kaldi's readers and NeMo find the words and times of the release in what `convert` writes for them."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.formats.conftest import Corpus, said

pytestmark = pytest.mark.formats
RATE = 44100


def clip(corpus: Corpus, row: dict[str, Any]) -> Any:
    return soundfile.read(corpus.root / row["clip"], dtype="float32")[0]


def aligned(supervision: Any) -> list[tuple[str, float, float]]:
    return [(one.symbol, one.start, round(one.end, 3)) for one in supervision.alignment["word"]]


def test_lhotse_reads_recordings_supervisions_and_alignments(corpus: Corpus, converted: Callable[..., Path]) -> None:
    from lhotse import validate_recordings_and_supervisions
    from lhotse.recipes.utils import read_manifests_if_cached

    read = read_manifests_if_cached(["all"], converted("lhotse"), prefix="corpus", suffix="jsonl.gz")["all"]
    validate_recordings_and_supervisions(read["recordings"], read["supervisions"])
    assert [one.id for one in read["recordings"]] == ["0001", "0002"]
    assert [one.num_samples for one in read["recordings"]] == [6 * RATE, 2 * RATE]
    found = {one.id: one for one in read["supervisions"]}
    assert found.keys() == corpus.clips.keys()
    for name, row in corpus.clips.items():
        one = found[name]
        assert aligned(one) == said(row) and one.text == row["raw"]
        assert (one.start, round(one.end, 3), one.recording_id) == (row["start"], row["end"], row["video_id"])
        assert one.custom["normalized_text"] == row["asr"] and one.custom["role"] == row["role"]
        assert [word.score for word in one.alignment["word"]] == [word["confidence"] for word in row["words"]]


def test_lhotse_cuts_the_very_clips_of_the_release(corpus: Corpus, converted: Callable[..., Path]) -> None:
    from lhotse import CutSet
    from lhotse.recipes.utils import read_manifests_if_cached

    read = read_manifests_if_cached(["all"], converted("lhotse"), prefix="corpus", suffix="jsonl.gz")["all"]
    for cut in CutSet.from_manifests(**read).trim_to_supervisions(keep_overlapping=False):
        ours = clip(corpus, corpus.clips[cut.supervisions[0].id])
        sound = cut.load_audio()[0]
        both = min(len(ours), len(sound))  # it rounds start and duration, a release start and end
        assert abs(len(ours) - len(sound)) <= 1 and (ours[:both] == sound[:both]).all()


def test_the_splits_of_lhotse_are_manifests_of_their_own(converted: Callable[..., Path]) -> None:
    from lhotse import load_manifest

    out = converted("lhotse", "0.5,0.5")
    parts = [load_manifest(out / f"corpus_recordings_{part}.jsonl.gz") for part in ("train", "test")]
    assert sorted(one.id for part in parts for one in part) == ["0001", "0002"] and all(map(len, parts))
    packed = (out / "corpus_recordings_train.jsonl.gz").read_bytes()
    assert packed[4:8] == bytes(4) and gzip.decompress(packed)


def test_lhotse_reads_the_kaldi_folder_and_its_ctm(corpus: Corpus, converted: Callable[..., Path]) -> None:
    from lhotse import validate_recordings_and_supervisions
    from lhotse.kaldi import load_kaldi_data_dir

    out = converted("kaldi")
    recordings, supervisions, _ = load_kaldi_data_dir(out, RATE)
    validate_recordings_and_supervisions(recordings, supervisions)
    assert {one.id: one.num_samples for one in recordings} == {"0001": 6 * RATE, "0002": 2 * RATE}
    found = {one.id.removeprefix(f"{one.speaker}-"): one for one in supervisions.with_alignment_from_ctm(out / "ctm")}
    assert found.keys() == corpus.clips.keys()
    for name, row in corpus.clips.items():
        one = found[name]
        assert (one.text, one.start, round(one.end, 3)) == (row["asr"], row["start"], row["end"])
        assert one.speaker == f"{row['video_id']}-{row['speaker']}" and one.language == "en"
        assert [word for word in aligned(one) if word in said(row)] == said(row)


def test_kaldiio_cuts_the_very_clips_of_the_release(corpus: Corpus, converted: Callable[..., Path]) -> None:
    import kaldiio

    out = converted("kaldi")
    names = {}
    with kaldiio.ReadHelper(f"scp:{out / 'wav.scp'}", segments=str(out / "segments")) as reader:
        for name, (rate, sound) in reader:
            names[name] = rate
            row = next(row for clip_name, row in corpus.clips.items() if name.endswith(clip_name))
            ours = soundfile.read(corpus.root / row["clip"], dtype="int16")[0]
            assert abs(len(sound) - len(ours)) <= 1  # it rounds times to samples in its own way
            assert any((sound[9:-9] == ours[9 + by : len(sound) - 9 + by]).all() for by in (-1, 0, 1))
    assert len(names) == len(corpus.clips) and set(names.values()) == {RATE}


@pytest.fixture
def nemo() -> Iterator[Any]:
    """NeMo's reader of manifests; its parents import all of NeMo's models, so they are passed over."""
    top = Path(next(iter(importlib.util.find_spec("nemo").submodule_search_locations or ())))  # type: ignore[union-attr]
    parts = ("collections", "common", "parts", "preprocessing")
    names = ["nemo." + ".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    for depth, name in enumerate(names, 1):
        passed = types.ModuleType(name)
        passed.__path__ = [str(top.joinpath(*parts[:depth]))]
        sys.modules[name] = passed
    from nemo.collections.common.parts.preprocessing import collections

    yield collections
    for name in names:
        del sys.modules[name]


def test_nemo_reads_the_manifest(corpus: Corpus, converted: Callable[..., Path], nemo: Any) -> None:
    path = converted("nemo") / "manifest.json"
    items = list(nemo.manifest.item_iter(str(path)))
    assert len(items) == len(corpus.clips)
    for item, row in zip(items, corpus.clips.values(), strict=True):
        assert (item["text"], item["offset"], item["lang"]) == (row["asr"], row["start"], "en")
        assert round(item["offset"] + item["duration"], 3) == row["end"]
        first = round(item["offset"] * RATE)
        sound = soundfile.read(item["audio_file"], start=first, stop=first + round(item["duration"] * RATE))[0]
        assert abs(len(sound) - len(clip(corpus, row))) <= 1
    texts = nemo.ASRAudioText(str(path), parser=str.split)
    assert [one.text_tokens for one in texts] == [row["asr"].split() for row in corpus.clips.values()]
    extra = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line, row in zip(extra, corpus.clips.values(), strict=True):
        assert [(word["word"], word["start"], word["end"]) for word in line["words"]] == said(row)
