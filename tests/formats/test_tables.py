"""Hugging Face `datasets` loads the Parquet with its clips offline; pandas reads the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.formats.conftest import Corpus, said

pytestmark = pytest.mark.formats


def loaded(folder: Path, cache: Path) -> Any:
    from datasets import load_dataset

    return load_dataset(str(folder), cache_dir=str(cache))


def test_datasets_loads_clips_words_and_times(corpus: Corpus, converted: Callable[..., Path], tmp_path: Path) -> None:
    from datasets import Audio, Value

    read = loaded(converted("hf"), tmp_path)["train"]
    assert read.features["audio"] == Audio(sampling_rate=44100)
    assert read.features["words"].feature["start"] == Value("float64")
    rows = {row["id"]: row for row in read.cast_column("audio", Audio(decode=False))}
    assert rows.keys() == corpus.clips.keys()
    for name, row in corpus.clips.items():
        one = rows[name]
        assert [(word["word"], word["start"], word["end"]) for word in one["words"]] == said(row)
        assert [(word["aligned"], word["confidence"]) for word in one["words"]] == [
            (word["aligned"], word["confidence"]) for word in row["words"]
        ]
        assert (one["text"], one["normalized_text"], one["start"], one["end"]) == (
            row["raw"],
            row["asr"],
            row["start"],
            row["end"],
        )
        assert one["audio"]["bytes"] == (corpus.root / row["clip"]).read_bytes()
    assert {row["win_or_lose"] for row in rows.values() if row["video_id"] == "0001"} == {"Win"}


def test_datasets_loads_splits_under_the_names_of_the_hub(converted: Callable[..., Path], tmp_path: Path) -> None:
    read = loaded(converted("hf", "0.5,0.5"), tmp_path)
    ids = {split: set(rows["video_id"]) for split, rows in read.items()}
    assert list(ids) == ["train", "test"] and not ids["train"] & ids["test"] and len(ids["train"] | ids["test"]) == 2


def test_datasets_streams_it_too(corpus: Corpus, converted: Callable[..., Path]) -> None:
    from datasets import Audio, load_dataset

    stream = load_dataset(str(converted("hf")), split="train", streaming=True).cast_column("audio", Audio(decode=False))
    assert [row["text"] for row in stream] == [row["raw"] for row in corpus.clips.values()]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pandas_reads_every_word_and_turn(corpus: Corpus, converted: Callable[..., Path], form: str) -> None:
    import pandas

    out = converted(form)

    def table(name: str) -> Any:
        if form == "parquet":
            return pandas.read_parquet(out / f"{name}.parquet")
        return pandas.read_csv(out / f"{name}.csv", dtype={"video_id": str}, keep_default_na=False)

    words = table("words")
    for video_id in ("0001", "0002"):
        mine = words[words.video_id == video_id].sort_values(["start", "end"], kind="stable")
        assert list(zip(mine.word, mine.start, mine.end, strict=True)) == corpus.words(video_id)
    assert list(table("segments").raw) == [row["raw"] for row in corpus.rows]
    assert list(table("interviews").duration) == [6.0, 2.0]
    assert len(table("turns")) == 5
