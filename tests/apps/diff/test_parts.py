"""The parts of a comparison: words, clips, and which difference reaches what."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from imigue_build.apps.diff import clips, words
from imigue_build.apps.diff.causes import because
from imigue_build.apps.diff.clips import Clip
from imigue_build.apps.diff.origins import differences
from imigue_build.apps.diff.result import ASPECTS, UNEXPLAINED, Origin
from imigue_build.core.records import Role
from imigue_build.release.reader import Word
from imigue_build.release.schema.provenance import Provenance, RoleRule, Source

texts = some.lists(some.sampled_from(["the", "ball", "was", "out", "Out,"]), max_size=60)


def said(tokens: list[str]) -> list[words.Said]:
    return [words.Said(Word(text, at, at + 0.5, True, 0.5), "SPEAKER_00") for at, text in enumerate(tokens)]


@given(before=texts, after=texts)
def test_edits_add_up_and_places_hold_all_that_changed(before: list[str], after: list[str]) -> None:
    found = words.compare(said(before), said(after), {"SPEAKER_00": "SPEAKER_00"}, 1000)
    assert found.before + found.inserted == found.after + found.deleted
    assert found.all_places == len(found.places)
    gone = [word for place in found.places for piece in place.before if piece.changed for word in piece.text.split()]
    came = [word for place in found.places for piece in place.after if piece.changed for word in piece.text.split()]
    assert len(gone) == found.substituted + found.deleted
    assert len(came) == found.substituted + found.inserted
    for place in found.places:
        old = [piece.text for piece in place.before if not piece.changed]
        new = [piece.text for piece in place.after if not piece.changed]
        assert old == new  # the words around and between are the same
        for side in (place.before, place.after):
            assert not any(a.changed is b.changed is False for a, b in pairwise(side)) or len(side) > 1


def test_places_far_apart_are_apart_and_are_bounded() -> None:
    before = ["same"] * 100
    after = ["other" if at in (3, 50, 90) else "same" for at in range(100)]
    found = words.compare(said(before), said(after), {}, 2)
    assert found.all_places == 3 and len(found.places) == 2
    assert [piece.text for piece in found.places[1].after] == ["same " * 4 + "same", "other", "same " * 4 + "same"]
    assert found.places[1].before_at == 50.0


def clip(start: float, end: float, number: int, sound: str = "", role: Role = "interviewee") -> Clip:
    return Clip(start, end, role, f"0001/{role}/segment_{number:03d}.wav", (sound or f"{start}-{end}", "", ""))


def test_a_clip_that_comes_in_between_renumbers_the_later_ones() -> None:
    before = [clip(0, 1, 1), clip(5, 6, 2), clip(8, 9, 3)]
    after = [clip(0, 1, 1), clip(2, 3, 2), clip(5, 6, 3), clip(8, 9, 4)]
    found = clips.compare(before, after)
    assert (found.added, found.renumbered, found.recut, found.other_content, found.removed) == (1, 2, 0, 0, 0)


def test_clips_of_the_same_ends_and_of_mostly_the_same() -> None:
    before = [clip(0, 1, 1, "a"), clip(2, 4, 2), clip(10, 11, 3)]
    after = [clip(0, 1, 1, "b"), clip(2, 3.9, 2), clip(10.6, 12, 3)]
    found = clips.compare(before, after)
    assert (found.other_content, found.recut, found.removed, found.added) == (1, 1, 1, 1)


def origin(name: str, *stages: str) -> Origin:
    return Origin("setting", name, 1, 2, stages)


def test_a_merge_reaches_turns_and_times_but_a_corrected_role_does_not() -> None:
    merge, role = (origin(f"corrections: {kind}", "speakers") for kind in ("merge_speakers", "roles"))
    found = because(ASPECTS, [merge, role])
    assert found["turns"] == found["times"] == (merge.name,)
    assert found["roles"] == found["clips"] == (merge.name, role.name)
    assert found["recording"] == (UNEXPLAINED,)


def test_a_stage_reaches_what_comes_after_it_and_nothing_else() -> None:
    everything = [origin(f"{stage}.x", stage) for stage in ("transcribe", "speakers", "export")]
    found = because(ASPECTS, everything)
    assert found["recording"] == found["turns"] == (UNEXPLAINED,)
    assert found["words"] == ("transcribe.x",)
    assert found["roles"] == ("transcribe.x", "speakers.x")
    assert found["clips"] == ("transcribe.x", "speakers.x", "export.x")


def test_the_same_recording_rules_out_what_the_extraction_was_given() -> None:
    video = origin("video", "extract")
    assert because(["words"], [video]) == {"words": (UNEXPLAINED,)}
    assert because(["recording", "words"], [video])["words"] == ("video",)


def test_words_said_at_once_may_change_places_where_times_move() -> None:
    assert because(["words", "times"], [origin("align.pause", "align")])["words"] == ("align.pause",)


def test_names_that_make_the_roles_are_a_difference_that_reaches_them() -> None:
    def made(rule: RoleRule | None) -> Provenance:
        video = Source("a" * 64, 9.0, roles=rule)
        return Provenance(format_version=1, imigue_build="9", config={}, tools={}, models=(), videos={"0440": video})

    (found,) = differences(made(None), made(RoleRule("named-in-the-file", "SPEAKER_00")), ["0440"])
    assert (found.name, found.after) == ("names that say a role", "named-in-the-file")
    assert because(("roles",), [found]) == {"roles": ("names that say a role",)}
