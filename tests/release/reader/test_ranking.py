"""The queue of what to check: the order follows the evidence, and each item has the correction that fits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from imigue_build.release.reader import InterviewError, Release
from imigue_build.release.reader.ranking import Item, ranked
from imigue_build.release.reader.ranking.evidence import word_chance
from imigue_build.release.reader.ranking.passages import MOST_WORDS, passages
from imigue_build.release.schema.rows import Segment, Word
from tests.release.tiny_release import ASKED, PROVENANCE, TOLD, Content, TinyRelease, build, row, textgrid

Said = Sequence[tuple[str, float]]
"""Words with their confidences."""


def said(speaker: str, start: float, words: Said, **more: Any) -> dict[str, Any]:
    """A row of words of 0.4 s each, with a role that follows from the speaker."""
    spans = [
        (round(start + 0.4 * at, 3), round(start + 0.4 * at + 0.38, 3), word) for at, (word, _) in enumerate(words)
    ]
    role = "interviewee" if speaker == TOLD else "interviewer"
    found = row("0001", role, speaker, None, (spans[0][0], spans[-1][1]), spans, "so") | {"role_confidence": 0.99}
    for word, (_, confidence) in zip(found["words"], words, strict=True):
        word["confidence"] = confidence
    return found | {"alignment": {"fit": -0.8}} | more


def sure(text: str) -> Said:
    return [(word, 0.995) for word in text.split()]


def made(root: Path, rows: list[dict[str, Any]], **source: Any) -> list[Item]:
    """The queue of a release of one interview of a minute, in which each row is in a turn of its speaker."""
    turns = source.pop("turns", [(one["start"] - 0.1, one["end"] + 0.1, one["speaker"]) for one in rows])
    tiny = TinyRelease(root)
    tiny.write("manifest.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    videos = {"0001": {"sha256": "a" * 64, "duration_s": 60.0, **source}}
    tiny.write("provenance.json", json.dumps(PROVENANCE | {"videos": videos}))
    tiny.write("0001/0001.TextGrid", textgrid(60.0, {"diarization": turns}))
    lines = (f"SPEAKER 0001 1 {start} {end - start:.3f} <NA> <NA> {name} <NA> <NA>\n" for start, end, name in turns)
    tiny.write("0001/0001.rttm", "".join(lines))
    return ranked(Release.open(root))


def options(item: Item) -> list[str]:
    assert item.command().startswith("imigue-build override 0001 --work WORK ")
    return list(item.correction)


CLEAR = [said(ASKED, 1, sure("How was it?")), said(TOLD, 4, sure("It was a hard match.")), said(ASKED, 8, sure("Why?"))]


def test_what_is_clear_is_not_listed(tmp_path: Path) -> None:
    assert made(tmp_path, CLEAR) == []


def test_the_order_follows_the_evidence(tmp_path: Path) -> None:
    rows = [
        *CLEAR,
        said(TOLD, 10, [*sure("I beat"), ("Jokovic.", 0.2)]),
        said(TOLD, 20, [*sure("I like"), ("this.", 0.6)]),
        said(TOLD, 30, sure("Thank you thank you."), flags=["no_speech"]),
        said(TOLD, 40, sure("Not bad.")),
    ]
    rows[-1]["words"][1]["aligned"] = False
    found = made(tmp_path, rows)
    assert [item.text for item in found] == ["Thank you thank you.", "Not bad.", "I beat Jokovic.", "I like this."]
    assert [item.confidence for item in found] == sorted(item.confidence for item in found)
    assert found[2].reason == 'perhaps misheard: "Jokovic." (0.20)'
    assert "no speech was heard" in found[0].reason and 'its sound was not found for "bad."' in found[1].reason
    assert options(found[0]) == ["--drop=30-31.58"] and options(found[1]) == ["--drop=40-40.78"]
    assert options(found[2]) == ["--word=10.99:Jokovic:Jokovic."]
    assert (found[2].start, found[2].end, found[2].speaker, found[2].kind) == (10.0, 11.18, TOLD, "words")


def test_a_surer_word_a_surer_neighbour_and_a_better_fit_are_likelier_right() -> None:
    assert word_chance(0.4, 0.9, -0.8) < word_chance(0.5, 0.9, -0.8) < word_chance(0.5, 0.95, -0.8)
    assert word_chance(0.5, 0.9, -3.0) < word_chance(0.5, 0.9, -0.8) < word_chance(0.5, 0.9, 0.0)
    assert word_chance(None, None, None) > 0.98


def test_who_speaks_in_anothers_turn_is_given_to_that_one(tmp_path: Path) -> None:
    rows = [*CLEAR, said(TOLD, 12, sure("Really."))]
    turns = [(1.0, 3.0, ASKED), (4.0, 6.2, TOLD), (8.0, 8.5, ASKED), (11.9, 12.6, ASKED)]
    (item,) = made(tmp_path, rows, turns=turns)
    assert item.kind == "speaker" and item.reason.startswith(f"said in a turn of {ASKED}, not of {TOLD}")
    assert options(item) == ["--speaker=12-12.38:2"]


def test_unclear_roles_are_an_item_with_a_swap(tmp_path: Path) -> None:
    rows = [one | {"role_confidence": 0.4} for one in CLEAR]
    (item,) = made(tmp_path, rows, role_doubts=["two voices talk about as long"])
    assert (item.kind, item.confidence, item.reason) == ("roles", 0.4, "two voices talk about as long")
    assert options(item) == ["--swap-roles"] and item.text == "It was a hard match."


def test_unclear_roles_of_three_voices_name_the_other_one(tmp_path: Path) -> None:
    rows = [
        one | {"role_confidence": 0.4} for one in [*CLEAR, said("SPEAKER_02", 12, sure("One more question for you."))]
    ]
    (item,) = made(tmp_path, rows)
    assert options(item) == ["--interviewee=12.99"]


def lost(kind: str, text: str) -> dict[str, Any]:
    return {kind: [{"text": text, "applied": False}, {"text": "x", "applied": True}]}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("words", "word 'Jo' at 5.7 s is 'Djo'", ["--undo=word 'Jo' at 5.7 s is 'Djo'", "--word=5.79:match:Djo"]),
        ("words", "word 'x' at 5.7 s is 'Match'", ["--undo=word 'x' at 5.7 s is 'Match'"]),
        ("words", "word 'x' at 30 s is 'y'", ["--undo=word 'x' at 30 s is 'y'"]),
        ("roles", "voice at 6.5 s is interviewee", ["--undo=voice at 6.5 s is interviewee", "--interviewee=5.78"]),
        (
            "merge_speakers",
            "voices at 3 s, at 6.5 s are one",
            ["--undo=voices at 3 s, at 6.5 s are one", "--merge=1.98,5.78"],
        ),
        ("drop", "70-80 s goes into no clip (noise)", ["--undo=70-80 s goes into no clip (noise)"]),
    ],
)
def test_a_lost_correction_has_one_in_its_place_and_never_a_swap(
    kind: str, text: str, expected: list[str], tmp_path: Path
) -> None:
    (item,) = made(tmp_path, CLEAR, overrides=lost(kind, text))
    assert item.kind == "correction" and text in item.reason and item.confidence < 0.2
    assert options(item) == expected
    assert 0 <= item.start < item.end <= 60


def test_a_voice_of_a_moment_is_perhaps_nobodys(tmp_path: Path) -> None:
    rows = [*CLEAR, said(TOLD, 12, sure("word " * 60)), said("SPEAKER_02", 40, sure("Yes."))]
    (item,) = [item for item in made(tmp_path, rows) if item.kind == "speaker"]
    assert "speaks 0.6 s in all" in item.reason and options(item) == ["--num-speakers=2"]


def test_many_words_without_a_place_are_one_item(tmp_path: Path) -> None:
    rows = [said(TOLD, 10 * at, sure("so it was")) for at in range(1, 4)]
    for one in rows[1:]:
        for word in one["words"]:
            word["aligned"] = False
    (item,) = made(tmp_path, rows)
    assert item.kind == "times" and "67 % of its words could not be aligned" in item.reason
    assert options(item) == ["--drop=20-31.18"]


def test_an_interview_without_words_has_no_correction(tmp_path: Path) -> None:
    (item,) = [item for item in made(tmp_path, []) if item.kind == "silence"]
    assert item.reason == "it has no words" and item.command() == ""


def test_only_some_and_what_cannot_be_read(tmp_path: Path) -> None:
    tiny = build(tmp_path, Content())
    release = Release.open(tmp_path)
    assert {item.video_id for item in ranked(release, ["0002"])} == {"0002"}
    tiny.write("0001/0001.TextGrid", "?")
    failed: dict[str, str] = {}
    assert {item.video_id for item in ranked(release, failed=failed)} == {"0002"} and list(failed) == ["0001"]
    with pytest.raises(InterviewError):
        ranked(release)


def test_a_row_is_cut_at_sentences_and_pauses_and_none_is_long() -> None:
    times = [(0.0, "So."), (0.4, "Now"), (2.0, "then"), *((2.4 + 0.4 * at, "word") for at in range(30))]
    words = tuple(Word(text, start, start + 0.35, True) for start, text in times)
    segment = Segment("1", "interviewee", None, TOLD, 0.0, 20.0, None, "", "", words)
    found = list(passages(segment))
    assert [len(passage.words) for passage in found] == [1, 1, 10, 10, 11]
    assert [word for passage in found for word in passage.words] == list(words) and MOST_WORDS == 12


@pytest.mark.parametrize("word", ["a\u202eb", "\u200b"])
def test_a_command_holds_nothing_that_does_not_print(word: str, tmp_path: Path) -> None:
    (item,) = made(tmp_path, [said(TOLD, 10, [(word, 0.1)])])[:1]
    assert item.command().isprintable() and options(item) == ["--drop=10-10.38"]
