"""Two releases compared: what changed, how much, and because of what. Each differs from a tiny release by one thing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imigue_build.apps.diff import UNEXPLAINED, Diff, diff
from imigue_build.core.errors import ReleaseError, UsageError
from tests.release.tiny_release import ASKED, TOLD, Content, TinyRelease, build

Change = Callable[[Content], object]


def both(tmp_path: Path, after: Change, before: Change = lambda content: None) -> Diff:
    """The comparison of two tiny releases, each changed before it is written."""
    for name, change in (("before", before), ("after", after)):
        content = Content()
        change(content)
        build(tmp_path / name, content)
    return diff(tmp_path / "before", tmp_path / "after")


def setting(stage: str, **values: Any) -> Change:
    return lambda content: content.provenance["config"].setdefault(stage, {}).update(values)


def all_of(*changes: Change) -> Change:
    return lambda content: [change(content) for change in changes]


def word(row: int, number: int, text: str) -> Change:
    """Another word in a row of the manifest, and in what is written of it."""

    def change(content: Content) -> None:
        content.rows[row]["words"][number]["word"] = text
        content.rows[row]["raw"] = " ".join(word["word"] for word in content.rows[row]["words"])

    return change


def moved(row: int, number: int, by: float) -> Change:
    def change(content: Content) -> None:
        word = content.rows[row]["words"][number]
        word["start"], word["end"] = round(word["start"] + by, 3), round(word["end"] + by, 3)

    return change


def turned(content: Content) -> None:
    """The first turn ends half a second earlier."""
    start, end, speaker = content.turns["0001"][0]
    content.turns["0001"][0] = content.exclusive["0001"][0] = (start, end - 0.5, speaker)


def test_the_same_releases_are_the_same(tmp_path: Path) -> None:
    found = both(tmp_path, lambda content: None)
    assert found.same and not found.origins and not found.interviews and not found.documents
    assert found.files == found.all_files > 20 and found.identical == 2


def test_the_one_setting_that_differs_is_named(tmp_path: Path) -> None:
    found = both(tmp_path, all_of(setting("align", pause=0.4), moved(0, 1, 0.02)), setting("align", pause=0.5))
    (origin,) = found.origins
    assert (origin.kind, origin.name, origin.before, origin.after) == ("setting", "align.pause", 0.5, 0.4)
    assert origin.interviews is None and origin.touched == ("0001",)
    interview = found.interviews["0001"]
    assert interview.because["times"] == ("align.pause",)
    assert interview.words is not None
    assert (interview.words.moved, interview.words.moved_median_ms, interview.words.moved_max_ms) == (1, 20.0, 20.0)
    assert "words" not in interview.changed and "turns" not in interview.changed
    assert found.identical == 1 and not found.same


def test_other_code_of_a_stage_is_named_where_both_say_their_versions(tmp_path: Path) -> None:
    def stages(**versions: int) -> Change:
        return lambda content: content.provenance.update(stages={"extract": 2, **versions})

    found = both(tmp_path, all_of(stages(align=8), moved(0, 1, 0.02)), stages(align=7))
    (origin,) = found.origins
    assert (origin.kind, origin.name, origin.before, origin.after) == ("version", "stage align", 7, 8)
    assert found.interviews["0001"].because["times"] == ("stage align",)
    unknown = both(tmp_path / "b", all_of(stages(align=8), moved(0, 1, 0.02)))
    assert not unknown.origins and unknown.interviews["0001"].because["times"] == (UNEXPLAINED,)


def test_one_interview_by_other_code(tmp_path: Path) -> None:
    def after(content: Content) -> None:
        content.provenance["stages"] = {"align": 7}
        content.provenance["videos"]["0001"]["stages"] = {"align": 8}

    found = both(tmp_path, after, lambda content: content.provenance.update(stages={"align": 7}))
    assert [(origin.name, origin.interviews) for origin in found.origins] == [("stage align", ("0001",))]


def test_what_no_difference_reaches_is_unexplained(tmp_path: Path) -> None:
    found = both(tmp_path, all_of(setting("export", pause=0.4), word(0, 1, "does")))
    assert found.interviews["0001"].because["words"] == (UNEXPLAINED,)
    assert both(tmp_path / "b", word(0, 1, "does")).interviews["0001"].because["words"] == (UNEXPLAINED,)


def test_words_that_came_went_and_changed(tmp_path: Path) -> None:
    def after(content: Content) -> None:
        word(0, 0, "how")(content)
        word(5, 1, "glad!")(content)
        del content.rows[1]["words"][0]
        content.rows[0]["words"].append({"word": "then?", "start": 1.5, "end": 1.54, "aligned": True})

    found = both(tmp_path, all_of(after, setting("transcribe", model="large")), setting("transcribe", model="small"))
    interview = found.interviews["0001"]
    assert interview.words is not None
    assert (interview.words.substituted, interview.words.respelled) == (3, 1)  # "Well," became "then?"
    assert (interview.words.inserted, interview.words.deleted) == (0, 0)
    assert (interview.words.before, interview.words.after) == (13, 13)
    assert interview.because["words"] == ("transcribe.model",)
    place = interview.words.places[0]
    assert (place.before_at, place.after_at) == (0.3, 0.3)
    assert next(piece.text for piece in place.before if piece.changed) == "How"
    assert next(piece.text for piece in place.after if piece.changed) == "how"


def test_turns_and_who_said_what(tmp_path: Path) -> None:
    found = both(tmp_path, all_of(setting("diarize", max_speakers=2), setting("export", pause=1.0), turned))
    interview = found.interviews["0001"]
    assert interview.changed == ("turns",) and interview.because == {"turns": ("diarize.max_speakers",)}
    assert interview.turns is not None
    assert interview.turns.mapping == {ASKED: ASKED, TOLD: TOLD}
    speech = 1.2 + 2.9 + 1.0  # 0.3-1.5, 1.7-4.6, 4.8-5.8
    assert interview.turns.other_speaker == pytest.approx(0.5 / speech, abs=1e-4)


def test_the_same_turns_rule_the_diarization_out(tmp_path: Path) -> None:
    """Settings of two stages differ, but one stage's result came out the same."""
    found = both(tmp_path, all_of(setting("diarize", max_speakers=2), setting("align", pause=1.0), moved(0, 1, 0.03)))
    assert found.interviews["0001"].because["times"] == ("align.pause",)
    assert {origin.name: origin.touched for origin in found.origins} == {
        "diarize.max_speakers": (),
        "align.pause": ("0001",),
    }


def test_speakers_that_are_named_anew_are_the_same(tmp_path: Path) -> None:
    def renamed(content: Content) -> None:
        other = {ASKED: TOLD, TOLD: ASKED}
        for name in ("turns", "exclusive"):
            own = getattr(content, name)
            own["0001"] = [(start, end, other[speaker]) for start, end, speaker in own["0001"]]
        for row in content.rows[:6]:
            row["speaker"] = other[row["speaker"]]

    interview = both(tmp_path, renamed).interviews["0001"]
    assert interview.turns is not None and interview.turns.other_speaker == 0
    assert interview.turns.mapping == {ASKED: TOLD, TOLD: ASKED}
    assert "speakers" not in interview.changed and "roles" not in interview.changed


def test_roles_that_are_swapped(tmp_path: Path) -> None:
    def swapped(content: Content) -> None:
        other = {"interviewee": "interviewer", "interviewer": "interviewee"}
        for row in content.rows[:6]:
            row["role"] = other[row["role"]]
            row["clip"] = row["clip"] and f"0001/{row['role']}/{row['segment_id']}.wav"
        fix = {"text": "the voice at 1 s is the interviewee", "applied": True}
        content.provenance["videos"]["0001"]["overrides"] = {"roles": [fix]}

    found = both(tmp_path, swapped)
    interview = found.interviews["0001"]
    assert interview.interviewee == (TOLD, ASKED)
    assert interview.because["roles"] == ("corrections: roles",) == interview.because["clips"]
    assert interview.clips is not None and interview.clips.other_role == 4
    assert found.origins[0].interviews == ("0001",)


def test_clips_that_were_cut_otherwise(tmp_path: Path) -> None:
    def cut(content: Content) -> None:
        content.rows[1]["end"] = 3.84
        content.rows[4] |= {"segment_id": None, "clip": None}
        content.provenance["config"]["export"]["pad"] = 0.2

    interview = both(tmp_path, cut).interviews["0001"]
    assert interview.clips is not None
    assert (interview.clips.before, interview.clips.after) == (4, 3)
    assert (interview.clips.recut, interview.clips.removed, interview.clips.added, interview.clips.renumbered) == (
        1,
        1,
        0,
        0,
    )
    assert interview.because["clips"] == ("export.pad",)


def test_confidences_and_measures_lie_in_the_manifest_alone(tmp_path: Path) -> None:
    def after(content: Content) -> None:
        content.rows[0]["words"][0]["confidence"] = 0.4
        content.rows[6]["snr_db"] = 3.5

    found = both(tmp_path, after)
    assert found.interviews["0001"].changed == ("confidence",) and found.interviews["0001"].files == 0
    assert found.interviews["0002"].changed == ("measures",) and found.interviews["0002"].measures == ("snr_db",)


def test_labels(tmp_path: Path) -> None:
    def after(content: Content) -> None:
        content.labels = content.labels.replace("0002,,,", "0002,M,,Lose")

    found = both(tmp_path, after)
    assert found.interviews["0002"].labels == {"subject_gender": ("", "M"), "win_or_lose": ("", "Lose")}
    assert list(found.interviews) == ["0002"] and found.documents == ("labels.csv",)
    (origin,) = found.origins
    assert (origin.kind, origin.name, origin.interviews, origin.touched) == (
        "input",
        "labels.csv",
        ("0002",),
        ("0002",),
    )


def test_an_interview_that_one_alone_holds(tmp_path: Path) -> None:
    build(tmp_path / "before", Content())
    content = Content()
    del content.provenance["videos"]["0002"]
    content.rows = [row for row in content.rows if row["video_id"] != "0002"]
    build(tmp_path / "after", content)
    assert diff(tmp_path / "before", tmp_path / "after").only_before == ("0002",)
    assert diff(tmp_path / "after", tmp_path / "before").only_after == ("0002",)


def test_only_some_interviews(tmp_path: Path) -> None:
    both(tmp_path, all_of(turned, setting("export", pause=9)))
    assert not diff(tmp_path / "before", tmp_path / "after", only=["0001"]).same
    other = diff(tmp_path / "before", tmp_path / "after", only=["0002"])
    assert other.same and other.files == other.all_files and not other.interviews


def test_tools_models_and_inputs(tmp_path: Path) -> None:
    def after(content: Content) -> None:
        content.provenance |= {"imigue_build": "0.2.0", "tools": {"imaginary-asr": "1.3"}}
        content.provenance["models"][0]["revision"] = "r8"
        content.provenance["videos"]["0002"] |= {"sha256": "b" * 64, "given": {"transcribe": "c" * 64}}

    origins = {origin.name: origin for origin in both(tmp_path, after).origins}
    assert [origins[name].kind for name in ("imigue-build", "imaginary-asr", "tiny-en", "video")] == [
        "version",
        "tool",
        "model",
        "input",
    ]
    assert origins["video"].interviews == ("0002",) and origins["video"].stages == ("extract",)
    assert origins["given file for transcribe"].before is None


ALIGNER = "montreal-forced-aligner"


def aligned_by(version: str, recorded: bool) -> Change:
    """What a release says that MFA aligned, which may also record the stages of its tools."""

    def change(content: Content) -> None:
        content.provenance["config"] |= {"transcribe": {"backend": "whisperx"}, "align": {"backend": "mfa"}}
        content.provenance["tools"] = {ALIGNER: version, "whisperx": "3.8"}
        content.provenance["models"] = [{"name": "whisper large-v3", "revision": version, "sha256": None}]
        if recorded:
            used = {
                "transcribe": {"tools": ["whisperx"]},
                "align": {"tools": [ALIGNER], "models": ["whisper large-v3"]},
            }
            content.provenance["made_by"] = used

    return change


@pytest.mark.parametrize("recorded", [True, False])
def test_an_aligners_upgrade_is_blamed_for_times_alone(tmp_path: Path, recorded: bool) -> None:
    """Recorded in the release, or known of its backend."""
    after = all_of(aligned_by("3.5", recorded), word(0, 0, "changed"), moved(1, 0, 0.05), turned)
    found = both(tmp_path, after, aligned_by("3.4", recorded))
    origins = {origin.name: origin for origin in found.origins}
    assert origins[ALIGNER].stages == ("align",)
    assert origins["whisper large-v3"].stages == (("align",) if recorded else ("transcribe",))
    because = found.interviews["0001"].because
    assert ALIGNER in because["times"]
    assert because["words"] == ((ALIGNER, "whisper large-v3") if recorded else ("whisper large-v3",))
    assert because["turns"] == (UNEXPLAINED,)


class TestDamaged:
    """A folder that is no release, or a damaged release, is reported in one line that names it and the remedy."""

    @pytest.fixture
    def release(self, tmp_path: Path) -> TinyRelease:
        build(tmp_path / "whole", Content())
        return build(tmp_path / "damaged", Content())

    def message(self, release: TinyRelease, error: type[Exception], verify: bool = False) -> str:
        with pytest.raises(error) as raised:
            diff(release.root.parent / "whole", release.root, verify)
        text = str(raised.value)
        assert "\n" not in text and str(release.root) in text
        return text

    def test_no_folder_no_release(self, release: TinyRelease) -> None:
        with pytest.raises(UsageError, match="does not exist"):
            diff(release.root / "nowhere", release.root)
        with pytest.raises(UsageError, match="is not a folder"):
            diff(release.root / "README.md", release.root)
        with pytest.raises(UsageError, match=r"it holds no manifest\.jsonl and no provenance\.json and no SHA256SUMS"):
            diff(release.root / "0001", release.root)
        (release.root / "SHA256SUMS").unlink()
        with pytest.raises(UsageError, match="it holds no SHA256SUMS"):
            diff(release.root, release.root)

    @pytest.mark.parametrize("name", ["manifest.jsonl", "labels.csv", "0001/0001.rttm", "provenance.json"])
    def test_a_file_is_another(self, release: TinyRelease, name: str) -> None:
        release.replace("0001/0001.txt", "feel?", "feel.")
        release.write("labels.csv", release.read("labels.csv") + "\n")
        release.replace("manifest.jsonl", '"feel?"', '"feel."')
        release.resum()  # so that everything has to be read
        release.write(name, release.read(name).rstrip("\n") + " \n")
        assert f"{name}: it is not the file that SHA256SUMS lists" in self.message(release, ReleaseError)

    def test_a_file_that_is_not_read_is_found_by_hashing(self, release: TinyRelease) -> None:
        clip = release.root / "0002/interviewee/segment_001.wav"
        clip.write_bytes(bytes(clip.stat().st_size))
        assert diff(release.root.parent / "whole", release.root).same
        assert "segment_001.wav: it is not the file" in self.message(release, ReleaseError, verify=True)

    def test_releases_of_the_same_sums_are_not_the_same_where_a_table_or_a_size_is_another(
        self, release: TinyRelease
    ) -> None:
        manifest, clip = release.read("manifest.jsonl"), release.root / "0002/interviewee/segment_001.wav"
        release.write("manifest.jsonl", manifest + "\n")
        assert "manifest.jsonl: it is not the file" in self.message(release, ReleaseError)
        release.write("manifest.jsonl", manifest)
        clip.write_bytes(b"")
        assert "segment_001.wav: it is not the file" in self.message(release, ReleaseError)
        clip.unlink()
        assert "segment_001.wav: it cannot be read (No such file" in self.message(release, ReleaseError)

    @pytest.mark.parametrize(
        ("name", "text", "why"),
        [
            ("SHA256SUMS", "nonsense\n", "SHA256SUMS, line 1: it is no line of sha256sum"),
            ("provenance.json", "[1]", "provenance.json: Expected `object`"),
            ("provenance.json", "[" * 100_000, "provenance.json: "),
            ("provenance.json", '{"format_version": 1}', "missing required field"),
            ("manifest.jsonl", '{"video_id": 7}\n', "manifest.jsonl, line 1: "),
            ("manifest.jsonl", "\x00\n", "manifest.jsonl, line 1: "),
        ],
    )
    def test_what_cannot_be_read(self, release: TinyRelease, name: str, text: str, why: str) -> None:
        release.write(name, text)
        if name != "SHA256SUMS":
            release.resum()
        assert why in self.message(release, ReleaseError)

    def test_more_words_than_anybody_says(self, release: TinyRelease, monkeypatch: pytest.MonkeyPatch) -> None:
        release.replace("manifest.jsonl", '"feel?"', '"feel."')
        release.resum()
        monkeypatch.setattr("imigue_build.release.reader.manifest.MOST_WORDS", 12)
        with pytest.raises(ReleaseError, match="interview 0001: more words"):
            diff(release.root.parent / "whole", release.root)

    @pytest.mark.parametrize("table", ["", "video_id\n", "video_id,subject_gender\n0001,F,x\n"])
    def test_labels_that_cannot_be_used(self, release: TinyRelease, table: str) -> None:
        release.write("labels.csv", table)
        release.resum()
        assert "labels.csv" in self.message(release, ReleaseError)

    def test_a_file_that_lies_outside(self, release: TinyRelease) -> None:
        inside, outside = release.root / "0001/0001.rttm", release.root.parent / "outside.rttm"
        release.replace("0001/0001.txt", "feel?", "feel.")
        release.resum()  # so that the interview has to be read
        inside.rename(outside)
        inside.symlink_to(outside)
        assert "0001.rttm: it is a symbolic link" in self.message(release, ReleaseError)

    def test_absurd_times(self, release: TinyRelease) -> None:
        release.replace("manifest.jsonl", '"start": 4.8,', '"start": 1e300,')
        release.resum()
        assert "manifest.jsonl, line 6, interview 0001: " in self.message(release, ReleaseError)

    def test_a_hostile_id(self, release: TinyRelease) -> None:
        document = json.loads(release.read("provenance.json"))
        document["videos"]["../../etc"] = document["videos"]["0001"]
        release.write("provenance.json", json.dumps(document))
        release.resum()
        assert "is no id" in self.message(release, ReleaseError)

    def test_a_later_format(self, release: TinyRelease) -> None:
        release.replace("provenance.json", '"format_version": 1', '"format_version": 2')
        release.resum()
        with pytest.raises(UsageError, match="has format 2"):
            diff(release.root, release.root)

    def test_a_pipe_is_not_waited_for(self, release: TinyRelease) -> None:
        release.replace("0001/0001.txt", "feel?", "feel.")
        release.resum()
        (release.root / "manifest.jsonl").unlink()
        os.mkfifo(release.root / "manifest.jsonl")
        assert "it is a named pipe" in self.message(release, ReleaseError)
