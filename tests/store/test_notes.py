"""Notes and records of WORK of which a bit was flipped, or in whose place lies something that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from imigue_build.core.record_json import encode_exactly
from imigue_build.core.records import Provenance
from imigue_build.store.completion import FORMAT, Completion, Identity
from imigue_build.store.disk import sha256
from imigue_build.store.stat_cache import Entry
from imigue_build.store.verify import verify
from imigue_build.store.workspace import Workspace
from tests.media import clicks, write_wav

IDENTITY = Identity("align", 1, {"video": "1" * 64}, {"beam": 10}, Provenance())


def published(root: Path) -> Workspace:
    work = Workspace(root)
    work.prepare()
    staged = work.stage_folder("0001", "align")
    (staged / "alignment.json").write_text("{}")
    work.publish(staged, "0001", IDENTITY, 1.5, 60.0, ("the sound ends early",))
    return work


@pytest.mark.parametrize("change", [{"seconds": 2.5}, {"media_seconds": 61.0}, {"warnings": ()}])
def test_any_change_of_a_record_is_found(tmp_path: Path, change: dict[str, object]) -> None:
    """Also of what is in no key and no file: a release lists its warnings."""
    work = published(tmp_path)
    assert verify(work) == []
    path = work.artifact("0001", "align") / "completion.json"
    record = msgspec.json.decode(path.read_bytes(), type=Completion)
    path.write_bytes(msgspec.json.encode(replace(record, **change)))
    (damage,) = verify(work)
    assert damage.path == "0001/align/completion.json"
    assert damage.problem.startswith("was altered")
    assert work.completion("0001", "align") is None


def test_a_video_is_hashed_again_where_its_note_was_altered(tmp_path: Path) -> None:
    """Else the release would state a hash that the video never had."""
    work, video = published(tmp_path / "work"), write_wav(tmp_path / "1.wav", clicks(0.1))
    assert work.source_digest("0001", video) == sha256(video)
    note = work.stat_cache.folder / "0001.json"
    found = work.stat_cache.read("0001")
    assert found.video is not None
    altered = replace(found, video=replace(found.video, sha256="0" * 64))
    note.write_bytes(encode_exactly(altered))
    assert work.source_digest("0001", video) == sha256(video)
    assert work.stat_cache.read("0001") == found


def test_a_pipe_in_the_place_of_a_note_is_not_waited_for(tmp_path: Path) -> None:
    work, video = published(tmp_path / "work"), write_wav(tmp_path / "1.wav", clicks(0.1))
    os.mkfifo(work.root / "0001" / "align.failed.json")
    work.stat_cache.folder.joinpath("0001.json").unlink()
    os.mkfifo(work.stat_cache.folder / "0001.json")
    assert work.stat_cache.read("0001") == Entry()
    assert work.source_digest("0001", video) == sha256(video)
    assert work.failure("0001", "align") is None
    record = work.completion("0001", "align")
    assert record is not None and record.format == FORMAT
    assert work.damage(record) is None
