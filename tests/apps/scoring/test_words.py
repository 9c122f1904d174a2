"""Word errors, counted by hand."""

from __future__ import annotations

import pytest

from imigue_build.apps.scoring.labels import Labels, Word
from imigue_build.apps.scoring.measures import compare, rates
from imigue_build.apps.scoring.words import Counts, boundary_errors, permutation_counts, spoken_words_of, tokens
from imigue_build.apps.scoring.words import compare as errors


def said(text: str, speaker: str | None = "A", start: float = 0.0, step: float = 1.0) -> list[Word]:
    """Words of one speaker, each 0.5 s long, every `step` seconds."""
    times = (start + step * at for at in range(len(text.split())))
    return [Word(token, time, time + 0.5, speaker) for token, time in zip(text.split(), times, strict=True)]


def counts(reference: str, found: str) -> Counts:
    return errors(spoken_words_of(said(reference)), spoken_words_of(said(found)))[0]


def test_a_substitution_a_deletion_an_insertion() -> None:
    found = counts("a b c d e f", "a x c e f g")
    assert found == Counts(substitutions=1, deletions=1, insertions=1, hits=4)
    assert (found.errors, found.n) == (3, 6)


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("I won 6-4!", "i won six four"),
        ("Nadal's first, final?", "nadal's first final"),
        ("$3.5m", "three point five million dollars"),
        ("well - yes", "well yes"),
    ],
)
def test_both_sides_are_normalised(reference: str, found: str) -> None:
    assert counts(reference, found).errors == counts(found, reference).errors == 0


def test_a_word_that_is_lost_is_one_deletion_and_no_boundary() -> None:
    measures = rates(compare(Labels(tuple(said("one two three"))), Labels(tuple(said("one two three")[:2]))))
    assert measures["wer"] == pytest.approx(1 / 3, abs=1e-6)
    assert measures["wer_parts"] == {"substitutions": 0, "deletions": 1, "insertions": 0, "hits": 2, "n": 3}
    assert measures["word_boundary"]["n"] == 4


def test_nothing_said_in_the_release() -> None:
    measures = rates(compare(Labels(tuple(said("one two"))), Labels(())))
    assert measures["wer"] == measures["cpwer"] == 1.0
    assert measures["word_speaker_accuracy"] is None and measures["word_boundary"] is None


def test_marks_of_several_words_are_not_said_and_neighbours_decide() -> None:
    reference = spoken_words_of([*said("yes (clears throat) No. 1", "A"), *said("a (b c)", "B", 0.5)])
    assert sorted(item.text for item in reference) == ["a", "b", "c", "number", "one", "yes"]
    assert [(item.position, item.length) for item in reference if item.text == "number"] == [(0, 1)]


def test_words_count_in_the_order_of_their_starts_whoever_says_them() -> None:
    reference = [*said("a c", "A", 0.0, 2.0), *said("b d", "B", 1.0, 2.0)]
    assert [item.text for item in spoken_words_of(reference)] == ["a", "b", "c", "d"]
    assert errors(spoken_words_of(reference), spoken_words_of(said("a b c d", "X")))[0].errors == 0


def test_overlap_in_another_order_costs_wer_and_no_cpwer() -> None:
    reference = [*said("a b", "A", 0.0), *said("c d", "B", 0.1)]
    found = [*said("a b", "X", 0.2), *said("c d", "Y", 0.1)]
    measures = rates(compare(Labels(tuple(reference)), Labels(tuple(found))))
    assert measures["wer"] == 0.75  # a c b d against c a d b: a deleted, b substituted, b inserted
    assert measures["cpwer"] == 0.0


def test_a_word_of_the_wrong_speaker_counts_twice_in_cpwer_and_not_in_wer() -> None:
    reference = [*said("a b c", "A", 0.0), *said("d e f", "B", 10.0)]
    found = [*said("a b", "X", 0.0), *said("c", "Y", 2.0), *said("d e f", "Y", 10.0)]
    measures = rates(compare(Labels(tuple(reference)), Labels(tuple(found))))
    assert measures["wer"] == 0.0
    assert measures["cpwer"] == pytest.approx(2 / 6, abs=1e-6)
    assert measures["word_speaker_accuracy"] == pytest.approx(5 / 6, abs=1e-6)


def test_cpwer_of_more_speakers_than_there_are() -> None:
    reference = spoken_words_of([*said("a b", "A"), *said("c", "B", 5.0)])
    assert permutation_counts(
        reference, spoken_words_of([*said("a b", "X"), *said("c", "Y", 5.0), *said("d", "Z", 9.0)])
    ) == Counts(substitutions=0, deletions=0, insertions=1, hits=3)
    assert permutation_counts(reference, spoken_words_of(said("c", "X", 5.0))) == Counts(0, 2, 0, 1)
    assert permutation_counts(spoken_words_of(said("a", None)), reference) is None


def test_speakers_whose_names_are_swapped_are_right() -> None:
    reference = [*said("a b", "S1", 0.0), *said("c d", "S2", 5.0)]
    found = [*said("a b", "S2", 0.0), *said("c d", "S1", 5.0)]
    assert rates(compare(Labels(tuple(reference)), Labels(tuple(found))))["word_speaker_accuracy"] == 1.0


def test_two_released_speakers_are_never_the_same_one() -> None:
    reference = said("a b c d", "A")
    found = [*said("a b c", "X"), *said("d", "Y", 3.0)]
    assert rates(compare(Labels(tuple(reference)), Labels(tuple(found))))["word_speaker_accuracy"] == 0.75


def test_only_words_that_are_right_count_for_the_speakers() -> None:
    reference = [*said("a b", "A", 0.0), *said("c d", "B", 5.0)]
    found = [*said("a b", "X", 0.0), *said("c", "Y", 5.0), *said("z", "X", 6.0)]
    measures = rates(compare(Labels(tuple(reference)), Labels(tuple(found))))
    assert measures["wer"] == 0.25 and measures["word_speaker_accuracy"] == 1.0


def test_boundaries_that_are_fifteen_milliseconds_off() -> None:
    reference = [Word("a", 0.1, 0.5, "A"), Word("b", 1.0, 1.5, "A")]
    found = [Word("a", 0.115, 0.485, "X"), Word("b", 1.015, 1.515, "X")]
    boundary = rates(compare(Labels(tuple(reference)), Labels(tuple(found))))["word_boundary"]
    assert boundary == {
        "mean_ms": 15.0,
        "median_ms": 15.0,
        "within_20": 1.0,
        "within_50": 1.0,
        "within_100": 1.0,
        "n": 4,
    }


def test_a_limit_holds_what_is_exactly_as_far() -> None:
    reference = [Word("a", 0.1, 1.0), Word("b", 2.0, 3.0)]
    found = [Word("a", 0.12, 1.05), Word("b", 2.1, 3.101)]
    boundary = rates(compare(Labels(tuple(reference)), Labels(tuple(found))))["word_boundary"]
    assert (boundary["within_20"], boundary["within_50"], boundary["within_100"]) == (0.25, 0.5, 0.75)
    assert boundary["mean_ms"] == pytest.approx((20 + 50 + 100 + 101) / 4)
    assert boundary["median_ms"] == pytest.approx(75)


def test_a_score_has_the_boundaries_of_its_first_and_last_words() -> None:
    score = spoken_words_of([Word("6-4", 1.0, 2.0)])
    _, pairs = errors(score, spoken_words_of([Word("six", 1.01, 1.4), Word("four", 1.4, 2.03)]))
    assert boundary_errors(pairs) == pytest.approx((10, 30))
    _, pairs = errors(score, spoken_words_of([Word("sick", 1.0, 1.4), Word("four", 1.4, 2.03)]))
    assert boundary_errors(pairs) == pytest.approx((30,))


def test_tokens_are_the_same_where_all_their_words_are_right() -> None:
    reference = spoken_words_of([Word("6-4", 0.0, 1.0), Word("so-called", 2.0, 3.0), Word("yes", 4.0, 5.0)])
    found = [Word("6-3", 0.0, 1.0), Word("so", 2.0, 2.5), Word("called", 2.5, 3.0), Word("yes", 4.0, 5.0)]
    assert [token.text for token, _ in tokens(errors(reference, spoken_words_of(found))[1])] == ["yes"]
    assert [token.text for token, _ in tokens(errors(reference, reference)[1])] == ["6-4", "so-called", "yes"]


def test_words_without_times_have_no_boundaries() -> None:
    reference = [Word("a", 0.0, 1.0, "A", timed=False)]
    measures = rates(compare(Labels(tuple(reference)), Labels(tuple(said("a")))))
    assert measures["wer"] == 0.0 and measures["word_boundary"] is None
