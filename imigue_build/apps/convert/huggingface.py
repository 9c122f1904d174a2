"""Hugging Face `datasets`: Parquet with the clips inside, which `load_dataset(FOLDER)` loads without the network.

A row is a segment with a clip. Times of words are seconds from the start of the recording: subtract `start` for times
in the clip. Shards hold some 500 MB of audio, row groups some 16 MB, which is what is held in memory of each split.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from msgspec.structs import asdict

from imigue_build.apps.convert.formats import Destination, Entry, Format, Write, check_clips, text_file
from imigue_build.core.untrusted.markdown import plain
from imigue_build.release.reader import CorpusText, Segment
from imigue_build.release.schema.layout import SAMPLE_RATE

DATA: Final = "data"
_SHARD: Final = 500 << 20
_GROUP: Final = 16 << 20
_NAMES: Final = {"": "train", "dev": "validation"}
"""What the Hub calls a corpus without splits, and the split to tune on."""

_AUDIO: Final = {"sampling_rate": SAMPLE_RATE, "_type": "Audio"}
_WORD: Final = {"word": "string", "start": "float64", "end": "float64", "aligned": "bool", "confidence": "float64"}
_COLUMNS: Final = {
    "id": "string",
    "audio": "audio",
    "text": "string",
    "normalized_text": "string",
    "words": "words",
    "video_id": "string",
    "segment_id": "string",
    "role": "string",
    "speaker_id": "string",
    "subject_id": "string",
    "subject_gender": "string",
    "subject_nationality": "string",
    "win_or_lose": "string",
    "start": "float64",
    "end": "float64",
    "duration": "float64",
    "language": "string",
    "asr_confidence": "float64",
    "role_confidence": "float64",
    "snr_db": "float64",
    "overlap_s": "float64",
    "flags": "strings",
}


def split_name(split: str) -> str:
    """The name of a split on the Hub."""
    return _NAMES.get(split, split)


class _Shards:
    """The Parquet files of a split. Their names, which hold their number, are given in the end."""

    def __init__(self, destination: Destination) -> None:
        self.folder = destination.root / DATA
        self.folder.mkdir(exist_ok=True)
        self.split = split_name(destination.split)
        self.schema = _schema()
        self.rows: list[dict[str, Any]] = []
        self.held = self.written = self.count = 0
        self.writer: Any = None

    def add(self, entry: Entry) -> None:
        for segment in entry.interview.clips:
            wav = entry.interview.clip_bytes(segment)
            self.rows.append(_row(entry, segment, wav))
            self.held += len(wav)
            if self.held >= _GROUP:
                self.flush()

    def flush(self) -> None:
        """Writes a row group, into the next shard where this one is full."""
        import pyarrow as pa
        from pyarrow import parquet

        if self.writer is None or self.written >= _SHARD:
            self.close()
            path = self.folder / f"{self.split}-{self.count:05d}.parquet"
            packed = dict.fromkeys(_leaves(self.schema), "zstd") | {"audio.bytes": "none"}
            plain = [name for name in packed if name != "audio.bytes"]
            self.writer = parquet.ParquetWriter(path, self.schema, compression=packed, use_dictionary=plain)
            self.count, self.written = self.count + 1, 0
        self.writer.write_table(pa.Table.from_pylist(self.rows, self.schema))
        self.written, self.held = self.written + self.held, 0
        self.rows.clear()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    def finish(self) -> None:
        if self.rows or not self.count:
            self.flush()
        self.close()
        for number in range(self.count):
            name = f"{self.split}-{number:05d}"
            (self.folder / f"{name}.parquet").rename(self.folder / f"{name}-of-{self.count:05d}.parquet")


@contextmanager
def _writer(destination: Destination) -> Iterator[Write]:
    shards = _Shards(destination)
    try:
        yield shards.add
        shards.finish()
    finally:
        shards.close()


def _row(entry: Entry, segment: Segment, wav: bytes) -> dict[str, Any]:
    label, name = entry.interview.label, entry.utterance_id(segment)
    words = [{field: getattr(word, field) for field in _WORD} for word in segment.words]
    return {
        "id": name,
        "audio": {"bytes": wav, "path": f"{name}.wav"},
        "text": segment.raw,
        "normalized_text": segment.asr,
        "words": words,
        "video_id": segment.video_id,
        "segment_id": segment.segment_id,
        "role": segment.role,
        "speaker_id": entry.speaker(segment),
        "subject_id": entry.subject or None,
        "subject_gender": label.subject_gender or None,
        "subject_nationality": label.subject_nationality or None,
        "win_or_lose": label.win_or_lose or None,
        "start": segment.start,
        "end": segment.end,
        "duration": segment.duration,
        "language": segment.language,
        "asr_confidence": segment.asr_confidence,
        "role_confidence": segment.role_confidence,
        "snr_db": segment.snr_db,
        "overlap_s": segment.overlap_s,
        "flags": list(segment.flags),
    }


def _schema() -> Any:
    """The Arrow schema; its metadata tells `datasets` the features, `Audio` among them."""
    import pyarrow as pa

    kinds = {"string": pa.string(), "float64": pa.float64(), "bool": pa.bool_(), "strings": pa.list_(pa.string())}
    kinds["audio"] = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    kinds["words"] = pa.list_(pa.struct({name: kinds[kind] for name, kind in _WORD.items()}))
    features = {name: _feature(kind) for name, kind in _COLUMNS.items()}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema([(name, kinds[kind]) for name, kind in _COLUMNS.items()], metadata)


def _feature(kind: str) -> Any:
    """A feature as `datasets` writes it; a list has the form that all its versions read."""
    if kind == "audio":
        return _AUDIO
    if kind == "words":
        return [{name: _feature(of) for name, of in _WORD.items()}]
    return [_feature("string")] if kind == "strings" else {"dtype": kind, "_type": "Value"}


def _leaves(schema: Any) -> list[str]:
    """The columns of a Parquet file of this schema, by path."""
    words = [f"words.list.element.{name}" for name in _WORD]
    nested = {"audio": ["audio.bytes", "audio.path"], "words": words, "flags": ["flags.list.element"]}
    return [leaf for name in schema.names for leaf in nested.get(name, [name])]


def _finish(root: Path, splits: Sequence[str], corpus: CorpusText) -> None:
    """The dataset card, which tells `load_dataset` the splits."""
    lines = ["---", *corpus.head(), "task_categories:", "- automatic-speech-recognition"]
    lines += ["configs:", "- config_name: default", "  data_files:"]
    for split in splits:
        lines += [f"  - split: {split_name(split)}", f"    path: {DATA}/{split_name(split)}-*.parquet"]
    with text_file(root / "README.md") as file:
        file.write(
            "\n".join(
                [*lines, "---", "", f"# {plain(corpus.heading) or 'Recorded interviews'}", "", _CARD, *_about(corpus)]
            )
        )


def _about(corpus: CorpusText) -> Iterator[str]:
    """What the release says of the corpus, line by line."""
    yield "## Corpus\n"
    for name, text in asdict(corpus).items():
        yield f"- {name}: {plain(text) or 'not stated'}"
    yield ""


_CARD: Final = f"""\
One row a segment of one speaker, with its clip. Converted from a release by `imigue-build convert --to hf`; how the
release was made, and of what quality its transcripts are, its own card says.

```python
from datasets import Audio, load_dataset

corpus = load_dataset("FOLDER")                                        # torchcodec decodes the clips ...
corpus = corpus.cast_column("audio", Audio(decode=False))              # ... or take the WAV files' bytes
```

`words` holds the written words of `text` with times in seconds on the recording's clock, as `start` and `end` of the
segment are: subtract `start` for times in the clip. Overlapped speech has no clip and is not here. `speaker_id` is
the subject where known, else `video-SPEAKER_00`; `subject_*` and `win_or_lose` are of who is interviewed, also on
rows of an interviewer. Clips are {SAMPLE_RATE / 1000:g} kHz, 16 bit, mono.
"""

HUGGINGFACE = Format(
    "Parquet with the clips, for `datasets.load_dataset`", _writer, check_clips, finish=_finish, extra="tables"
)
