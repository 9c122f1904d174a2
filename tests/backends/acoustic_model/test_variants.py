"""The graph of readings, and which of them were walked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imigue_build.backends.acoustic_model.variants import choose, fewer, transitions

YEAR: list[list[list[str]]] = [
    [["in"]],
    [["nineteen", "ninety"], ["one", "thousand", "nine"], ["ninety"]],
    [[]],
    [["he"], ["it"]],
]


def test_every_reading_is_a_way_from_token_to_token() -> None:
    steps, final = transitions(YEAR)
    assert {(start, end) for start, end, _, word in steps if word in ("he", "it")} == {(2, final)}
    assert [(start, word) for start, end, _, word in steps if end == 2] == [(3, "ninety"), (5, "nine"), (1, "ninety")]
    assert len({state for start, end, *_ in steps for state in (start, end)}) == max(end for _, end, *_ in steps) + 1


def test_the_walked_readings_are_found() -> None:
    assert choose(YEAR, ["in", "one", "thousand", "nine", "it"]) == [0, 1, 0, 1]
    assert choose(YEAR, ["in", "ninety", "he"]) == [0, 2, 0, 0]


def test_a_walk_that_is_none_gives_the_defaults() -> None:
    assert choose(YEAR, []) == choose(YEAR, ["in", "ninety"]) == choose(YEAR, ["so"]) == [0, 0, 0, 0]


def test_readings_that_begin_alike_share_their_beginning() -> None:
    assert transitions([[["a", "b", "c"], ["a", "b", "d"], ["a"]]])[0] == [
        (0, 2, 1.0, "a"),
        (2, 3, 1.0, "b"),
        (3, 1, 1.0, "c"),
        (3, 1, 1.0, "d"),
        (0, 1, 1.0, "a"),
    ]


def test_of_too_many_readings_the_likeliest_are_tried() -> None:
    ways = tuple(tuple("abcdefgh") for _ in range(20))
    few, many = fewer([ways] * 3), fewer([ways] * 14)
    assert few == [ways] * 3
    assert many == [ways[:4]] * 14
    assert fewer([ways] * 1000) == [ways[:1]] * 1000
    assert fewer([]) == []


def test_nothing_to_say_is_no_graph() -> None:
    assert transitions([[[]], []]) == ([], 0)
    assert choose([[[]]], []) == [0]


words = st.lists(st.lists(st.lists(st.sampled_from("ab"), max_size=3), min_size=1, max_size=3), max_size=5)


@given(words, st.data())
def test_any_way_is_read_back_as_words(tokens: list[list[list[str]]], data: st.DataObject) -> None:
    taken = [data.draw(st.sampled_from(ways)) for ways in tokens]
    walked = [word for way in taken for word in way]
    chosen = choose(tokens, walked)
    assert [word for ways, number in zip(tokens, chosen, strict=True) for word in ways[number]] == walked
