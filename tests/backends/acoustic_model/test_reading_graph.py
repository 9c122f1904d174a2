"""The graph of readings, and the readings on a path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends.acoustic_model.reading_graph import build_graph, limit_readings, match_path

YEAR: list[list[list[str]]] = [
    [["in"]],
    [["nineteen", "ninety"], ["one", "thousand", "nine"], ["ninety"]],
    [[]],
    [["he"], ["it"]],
]


def test_every_reading_is_a_path_from_token_to_token() -> None:
    arcs, final = build_graph(YEAR)
    assert {(start, end) for start, end, _, word in arcs if word in ("he", "it")} == {(2, final)}
    assert [(start, word) for start, end, _, word in arcs if end == 2] == [(3, "ninety"), (5, "nine"), (1, "ninety")]
    assert len({state for start, end, *_ in arcs for state in (start, end)}) == max(end for _, end, *_ in arcs) + 1


def test_the_readings_on_a_path_are_found() -> None:
    assert match_path(YEAR, ["in", "one", "thousand", "nine", "it"]) == [0, 1, 0, 1]
    assert match_path(YEAR, ["in", "ninety", "he"]) == [0, 2, 0, 0]


def test_a_path_that_matches_nothing_gives_the_defaults() -> None:
    assert match_path(YEAR, []) == match_path(YEAR, ["in", "ninety"]) == match_path(YEAR, ["so"]) == [0, 0, 0, 0]


def test_readings_with_a_common_prefix_share_its_states() -> None:
    assert build_graph([[["a", "b", "c"], ["a", "b", "d"], ["a"]]])[0] == [
        (0, 2, 1.0, "a"),
        (2, 3, 1.0, "b"),
        (3, 1, 1.0, "c"),
        (3, 1, 1.0, "d"),
        (0, 1, 1.0, "a"),
    ]


def test_too_many_readings_are_cut_to_the_likeliest() -> None:
    readings = tuple(tuple("abcdefgh") for _ in range(20))
    few, many = limit_readings([readings] * 3), limit_readings([readings] * 14)
    assert few == [readings] * 3
    assert many == [readings[:4]] * 14
    assert limit_readings([readings] * 1000) == [readings[:1]] * 1000
    assert limit_readings([]) == []


def test_nothing_spoken_has_no_arcs() -> None:
    assert build_graph([[[]], []]) == ([], 0)
    assert match_path([[[]]], []) == [0]


words = st.lists(st.lists(st.lists(st.sampled_from("ab"), max_size=3), min_size=1, max_size=3), max_size=5)


@given(words, st.data())
def test_any_path_is_matched(tokens: list[list[list[str]]], data: st.DataObject) -> None:
    chosen_readings = [data.draw(st.sampled_from(readings)) for readings in tokens]
    path = [word for reading in chosen_readings for word in reading]
    chosen = match_path(tokens, path)
    assert [word for readings, number in zip(tokens, chosen, strict=True) for word in readings[number]] == path
