"""The release as a whole: what it holds, when it is left alone, and that nothing is lost."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from imigue_build.core.errors import ReleaseError, StoreError, UsageError
from imigue_build.core.records import Label
from imigue_build.pipeline.card_facts import describe
from imigue_build.release.build.assemble import assemble
from imigue_build.release.build.assembled import Assembled
from imigue_build.release.build.target import check_target
from imigue_build.release.build.up_to_date import holds, last_release, note_release
from imigue_build.release.schema.corpus import CorpusText
from imigue_build.release.validate.run import validate
from imigue_build.store import swap, system
from imigue_build.store.workspace import Workspace
from tests.release import made

LABELS = {"0440": Label("0440", "F", "Côte d'Ivoire, West", "Win"), "9999": Label("9999", "M", "Spain", "Lose")}


class Place:
    """A WORK with interviews, and the release that is made of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.release = root / "release"
        self.work = Workspace(root / "work")
        self.work.prepare()

    def assemble(self) -> Assembled:
        return assemble(self.work, self.work.video_ids(), LABELS, self.release, describe)

    def content(self) -> dict[str, bytes]:
        return content(self.release)

    def provenance(self) -> Any:
        return json.loads((self.release / "provenance.json").read_bytes())

    @property
    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir() if path.name.startswith("."))


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two interviews, one of them by another transcriber; made once."""
    place = Place(tmp_path_factory.mktemp("template"))
    made.publish(place.work, "0440")
    made.publish(place.work, "0001", transcribe={"backend": "faster-whisper", "model": "/srv/models/small"}, source="b")
    return place.root


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Place:
    shutil.copytree(template / "work", tmp_path / "work", copy_function=shutil.copy2)
    return Place(tmp_path)


@pytest.fixture
def built(place: Place) -> Place:
    assert place.assemble().changed
    return place


def test_it_holds_every_finished_interview(built: Place) -> None:
    made.publish(built.work, "0002", until="transcribe")
    again = built.assemble()
    assert again == Assembled(False, ["0001", "0440"])
    assert validate(built.release) == []
    assert built.leftovers == []


def test_sums_pass_the_users_check(built: Place) -> None:
    lines = (built.release / "SHA256SUMS").read_text().splitlines()
    listed = {path: digest for digest, path in (line.split("  ") for line in lines)}
    assert list(listed) == sorted(listed)
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in built.content().items()}
    assert listed == {path: digest for path, digest in hashes.items() if path != "SHA256SUMS"}
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=built.release, check=True)


def test_labels_and_manifest(built: Place) -> None:
    assert (built.release / "labels.csv").read_bytes().decode() == (
        'video_id,subject_gender,subject_nationality,win_or_lose\n0001,,,\n0440,F,"Côte d\'Ivoire, West",Win\n'
    )
    rows = [json.loads(line) for line in (built.release / "manifest.jsonl").read_bytes().splitlines()]
    keys = [(row["video_id"], row["start"], row["end"], row["speaker"]) for row in rows]
    assert len(keys) == 14
    assert keys == sorted(keys)


def test_provenance(built: Place) -> None:
    document = built.provenance()
    assert document["format_version"] == 1
    assert document["config"]["diarize"] == {"backend": "dvector"}
    assert document["config"]["export"]["max_segment"] == 30.0
    assert document["tools"] == {"asr": "5.1.1", "ffmpeg": "7.1", "numpy": "2.0", "praatio": "6.2.2"}
    assert document["models"] == [{"name": "speaker-embedding", "revision": "0.1.4", "sha256": "ab" * 32}]
    shared = document["config"]["transcribe"]
    entries = document["videos"]
    assert [entry["sha256"] for entry in entries.values()] == ["b" * 64, "a" * 64]
    assert {entry["duration_s"] for entry in entries.values()} == {10.012}
    used = {name: entry.get("config", {}).get("transcribe", shared) for name, entry in entries.items()}
    assert used == {
        "0001": {"backend": "faster-whisper", "model": "small"},
        "0440": {"backend": "pocketsphinx"},
    }


def test_tools_that_differ_are_named_by_interview(built: Place) -> None:
    made.publish(built.work, "0002")
    made.publish(built.work, "0003", ffmpeg="4.4")
    assert built.assemble().changed
    assert {name: entry.get("tools", {}).get("ffmpeg") for name, entry in built.provenance()["videos"].items()} == {
        "0001": None,
        "0002": None,
        "0003": "4.4",
        "0440": None,
    }
    assert validate(built.release) == []


def test_the_card(built: Place) -> None:
    card = (built.release / "README.md").read_text("utf-8")
    assert card.startswith("---\nlicense: unknown\n") and "iMiGUE" not in card
    assert "not of research quality.** Those of 1 of 2 interviews (0440) were made by pocketsphinx" in card
    assert "| outcome | 1 Win, 1 not labelled |" in card
    assert "| words | 12 | 10 |" in card
    assert "| words in segments | 10 | 8 |" in card
    assert "| speaker-embedding | 0.1.4 | `abababababab` |" in card
    assert "Roles to check" not in card


def test_a_changed_corpus_makes_another_card_and_provenance_and_nothing_else(built: Place) -> None:
    before = built.content()
    corpus = CorpusText(name="Harbour talks", licence="CC0 1.0")
    again = assemble(built.work, built.work.video_ids(), LABELS, built.release, describe, corpus=corpus)
    after = built.content()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert again.changed and changed == {"README.md", "provenance.json", "SHA256SUMS"}
    assert built.provenance()["corpus"] == {"name": "Harbour talks", "licence": "CC0 1.0"}
    assert not validate(built.release)
    ids = built.work.video_ids()
    note_release(built.work, built.release, LABELS, ids, corpus)
    note = last_release(built.work, built.release)
    assert note and holds(note, built.work, LABELS, ids, ids, corpus) and not holds(note, built.work, LABELS, ids, ids)


def test_a_card_of_better_transcripts_has_no_warning(place: Place) -> None:
    shutil.rmtree(place.work.root / "0440")
    place.assemble()
    assert "research quality" not in (place.release / "README.md").read_text("utf-8")


def test_the_same_artifacts_give_the_same_bytes_elsewhere(built: Place, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "r"
    other.parent.mkdir()
    assemble(built.work, reversed(built.work.video_ids()), LABELS, other, describe)  # type: ignore[arg-type]
    assert content(other) == built.content()


def test_files_are_linked_not_copied(built: Place) -> None:
    in_work = built.work.artifact("0440", "export") / "release/0440.wav"
    assert (built.release / "0440/0440.wav").samefile(in_work)


def test_nothing_is_written_when_nothing_changed(built: Place) -> None:
    before = {path: path.stat().st_ino for path in built.release.rglob("*")}
    assert not built.assemble().changed
    assert {path: path.stat().st_ino for path in built.release.rglob("*")} == before


@pytest.mark.parametrize("name", ["0440/interviewer/segment_001.wav", "labels.csv", "0440/0440.txt"])
def test_a_file_that_was_lost_or_cut_comes_back(built: Place, name: str) -> None:
    whole = built.content()
    (built.release / name).unlink()
    assert built.assemble().changed
    assert built.content() == whole
    (built.release / name).unlink()
    (built.release / name).write_bytes(whole[name][:-1])
    assert built.assemble().changed
    assert built.content() == whole


@pytest.mark.parametrize("name", ["manifest.jsonl", "README.md", "0440/0440.txt"])
def test_a_file_that_was_altered_and_kept_its_size_comes_back(built: Place, name: str) -> None:
    whole = built.content()
    altered = bytes([whole[name][0] ^ 1]) + whole[name][1:]
    (built.release / name).unlink()  # a copy, as on another disk
    (built.release / name).write_bytes(altered)
    assert built.assemble().changed
    assert built.content() == whole
    assert not built.assemble().changed


def test_what_is_no_file_gives_way(built: Place) -> None:
    whole = built.content()
    for name in ("manifest.jsonl", "0440/0440.txt"):
        (built.release / name).unlink()
        (built.release / name).mkdir()
    assert built.assemble().changed
    assert built.content() == whole


def test_an_interview_that_left_work_is_not_lost(built: Place) -> None:
    before = built.content()
    shutil.rmtree(built.work.root / "0001")
    with pytest.raises(ReleaseError, match=r"holds what WORK cannot release: 0001 \(WORK has no whole export of it\)"):
        built.assemble()
    assert built.content() == before and built.leftovers == []


def test_nothing_to_release_leaves_the_old_one(built: Place) -> None:
    before = built.content()
    assert assemble(built.work, [], LABELS, built.release) == Assembled(False, [])
    assert built.content() == before


def test_a_damaged_export_is_left_out(built: Place) -> None:
    export = built.work.artifact("0440", "export")
    (export / "release/0440.txt").unlink()
    damage = "its export is damaged: output release/0440.txt is missing"
    with pytest.raises(ReleaseError, match=rf"WORK cannot release: 0440 \({damage}\); it was left as it is: run-all"):
        built.assemble()
    built.release.rename(built.root / "elsewhere")
    result = built.assemble()
    assert result.interviews == ["0001"] and result.left_out == {"0440": damage}


def test_a_stage_that_ran_again_since_is_reported(built: Place) -> None:
    made.publish(built.work, "0440", transcribe={"backend": "other"}, until="transcribe")
    result = built.assemble()
    assert result.outdated == {"0440": ["transcribe"]}
    assert built.provenance()["videos"]["0440"]["config"] == {"transcribe": None}
    assert validate(built.release) == []


def test_a_video_extracted_again_since_keeps_its_hash(built: Place) -> None:
    made.publish(built.work, "0440", source="c", seed=1, until="extract")
    assert built.assemble().outdated == {"0440": ["extract"]}
    assert built.provenance()["videos"]["0440"]["sha256"] == "a" * 64
    shutil.rmtree(built.release)
    assert built.assemble().left_out == {"0440": "its video was extracted again since, and not yet exported"}


class TestInterrupted:
    def test_between_the_renames(self, built: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        made.publish(built.work, "0002")
        rename, calls = system.rename, []

        def dies(source: Path, to: Path) -> None:
            calls.append(source)
            if len(calls) > 1:
                raise KeyboardInterrupt
            rename(source, to)

        with monkeypatch.context() as patch:
            patch.setattr("imigue_build.store.system.rename", dies)
            with pytest.raises(KeyboardInterrupt):
                built.assemble()
        assert not built.release.exists()
        assert len(built.leftovers) == 2
        assert not built.assemble().changed
        assert (built.release / "0002").is_dir()
        assert built.leftovers == []

    def test_the_old_one_comes_back_where_there_is_no_new(self, built: Place) -> None:
        before = built.content()
        built.release.rename(built.root / ".release.old-0123456789ab")
        swap.recover(built.release)
        assert built.content() == before
        assert built.leftovers == []

    def test_what_a_crashed_build_left_is_removed(self, built: Place) -> None:
        (built.root / ".release.new-0123456789ab/0440").mkdir(parents=True)
        (built.root / ".release.old-0123456789ac").mkdir()
        (built.root / ".release.new-mine").mkdir()
        (built.root / ".other.new-0123456789ab").mkdir()
        built.assemble()
        assert built.leftovers == [".other.new-0123456789ab", ".release.new-mine"]
        assert validate(built.release) == []

    def test_a_first_build_that_crashed_is_no_release(self, place: Place) -> None:
        (place.root / ".release.new-0123456789ab/0440").mkdir(parents=True)
        place.assemble()
        assert place.leftovers == []
        assert validate(place.release) == []

    def test_a_full_disk_keeps_the_old_release(self, built: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        before = built.content()
        made.publish(built.work, "0002")

        def full(_: Path) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(swap, "sync_tree", full)
        with pytest.raises(StoreError, match=r"cannot write the release .*no space left.*free some space"):
            built.assemble()
        assert built.content() == before
        assert built.leftovers == []


class TestTarget:
    @pytest.fixture
    def videos(self, place: Place) -> Path:
        (place.root / "videos/more").mkdir(parents=True)
        (place.root / "videos/0440.mp4").touch()
        return place.root / "videos"

    def check(self, place: Place, videos: Path, release: Path | None = None) -> None:
        check_target(release or place.release, videos, place.work.root)

    def test_missing_empty_and_ours(self, place: Place, videos: Path) -> None:
        self.check(place, videos)
        place.release.mkdir()
        self.check(place, videos)
        (place.release / ".DS_Store").touch()
        self.check(place, videos)
        place.assemble()
        self.check(place, videos)
        (place.release / "0440/.DS_Store").touch()
        self.check(place, videos)

    @pytest.mark.parametrize("name", ["videos", "videos/more", "videos/more/r", "work", "work/r", "."])
    def test_tangled_with_videos_or_work(self, place: Place, videos: Path, name: str) -> None:
        with pytest.raises(UsageError, match="lies inside"):
            self.check(place, videos, place.root / name)

    def test_one_video_beside_the_release(self, place: Place, videos: Path) -> None:
        check_target(videos / "release", videos / "0440.mp4", place.work.root)

    def test_a_file(self, place: Place, videos: Path) -> None:
        place.release.write_text("mine")
        with pytest.raises(UsageError, match="is not a folder"):
            self.check(place, videos)

    def test_parents_are_made_when_they_are_needed(self, place: Place, videos: Path) -> None:
        self.check(place, videos, place.root / "not/yet/release")
        assert not (place.root / "not").exists()

    def test_a_file_on_the_way(self, place: Place, videos: Path) -> None:
        (place.root / "file").write_text("mine")
        with pytest.raises(UsageError, match="file is not a folder"):
            self.check(place, videos, place.root / "file/release")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_parent_not_writable(self, place: Place, videos: Path) -> None:
        (place.root / "locked").mkdir(mode=0o500)
        with pytest.raises(UsageError, match="you may not write"):
            self.check(place, videos, place.root / "locked/release")

    @pytest.mark.parametrize("name", ["notes.txt", "provenance.json", "SHA256SUMS"])
    def test_somebody_elses_folder(self, place: Place, videos: Path, name: str) -> None:
        place.release.mkdir()
        (place.release / name).write_text("{}")
        with pytest.raises(UsageError, match="did not write"):
            self.check(place, videos)
        with pytest.raises(ReleaseError, match="did not write"):
            place.assemble()
        assert (place.release / name).read_text() == "{}"

    def test_files_of_the_user_in_our_release(self, built: Place, videos: Path) -> None:
        for number in range(22):
            (built.release / f"0440/notes{number}.txt").write_text("mine")
        with pytest.raises(UsageError, match=r"0440/notes0\.txt, .* and 2 more, not listed in its SHA256SUMS: move"):
            self.check(built, videos)
        made.publish(built.work, "0002")
        with pytest.raises(ReleaseError, match="not listed"):
            built.assemble()
        assert (built.release / "0440/notes6.txt").read_text() == "mine"

    @pytest.mark.parametrize("damage", [b"", b"{", b"\0" * 500])
    def test_a_release_whose_provenance_was_damaged_is_built_again(
        self, built: Place, videos: Path, damage: bytes
    ) -> None:
        before = (built.release / "provenance.json").read_bytes()
        (built.release / "provenance.json").write_bytes(damage)
        self.check(built, videos)
        with pytest.raises(UsageError, match="which neither WORK nor VIDEOS has"):
            check_target(built.release, videos, built.root / "work", {"9999"})
        built.assemble()
        assert (built.release / "provenance.json").read_bytes() == before

    def test_a_release_whose_sums_were_damaged_says_what_to_do(self, built: Place, videos: Path) -> None:
        (built.release / "SHA256SUMS").write_bytes(b"\0" * 300)
        with pytest.raises(UsageError, match=r"SHA256SUMS is damaged, .*: move that folder away; WORK has all"):
            self.check(built, videos)

    def test_a_link_in_our_release_is_a_stranger(self, built: Place, videos: Path) -> None:
        (built.release / "0440/link").symlink_to(built.root)
        with pytest.raises(UsageError, match="0440/link"):
            self.check(built, videos)

    def test_a_release_of_another_format(self, built: Place, videos: Path) -> None:
        (built.release / "provenance.json").write_text('{"format_version": 2}')
        with pytest.raises(UsageError, match="another version"):
            self.check(built, videos)

    def test_a_release_of_another_work(self, built: Place, videos: Path) -> None:
        check_target(built.release, videos, built.work.root, expected={"0440", "0001", "0002"})
        with pytest.raises(UsageError, match="holds 0001, which neither WORK nor VIDEOS has"):
            check_target(built.release, videos, built.work.root, expected={"0440"})

    def test_a_release_behind_a_link(self, place: Place, videos: Path) -> None:
        (place.root / "disk").mkdir()
        place.release.symlink_to(place.root / "disk/release")
        self.check(place, videos)
        place.assemble()
        assert place.release.is_symlink()
        assert (place.root / "disk/release/0440").is_dir()
        assert not place.assemble().changed
