"""TextGrids of aligners and annotation tools: what their tiers hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imigue_build.apps.scoring import reference
from imigue_build.core.errors import AnnotationError
from imigue_build.core.records import Turn
from imigue_build.corpus.annotations.transcripts import read_transcript
from imigue_build.corpus.annotations.turns import read_turns

Spans = Sequence[tuple[float, float, str]]
SAID = [(1, 2, "hello"), (2, 3, "there")]
PHONES = ("HH", "AH0", "L", "OW1", "DH", "EH1", "R")


class Found(NamedTuple):
    """What a TextGrid gives: (speaker, text, whether its words are timed), turns and warnings."""

    texts: list[tuple[str | None, str, bool]]
    turns: list[tuple[float, float, str]]
    warnings: list[str]


def grid(tiers: Sequence[tuple[str, Spans]]) -> str:
    """A TextGrid as Praat saves it."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", "xmax = 10 ", "tiers? <exists> "]
    lines += [f"size = {len(tiers)} ", "item []: "]
    for number, (name, spans) in enumerate(tiers, 1):
        lines += [f"    item [{number}]:", '        class = "IntervalTier" ', f'        name = "{name}" ']
        lines += ["        xmin = 0 ", "        xmax = 10 ", f"        intervals: size = {len(spans)} "]
        for index, (start, end, text) in enumerate(spans, 1):
            lines += [f"        intervals [{index}]:", f"            xmin = {start} ", f"            xmax = {end} "]
            lines += [f'            text = "{text}" ']
    return "\n".join(lines) + "\n"


def found_in(path: Path) -> Found:
    transcript = read_transcript(path, "0001")
    warnings = list(transcript.warnings)
    exclusive: tuple[Turn, ...] = ()
    with suppress(AnnotationError):  # it holds no turn
        exclusive = read_turns(path, "0001", 10.0, warnings.append).exclusive
    texts = [(segment.speaker, segment.text, bool(words)) for segment, words in transcript.segments]
    return Found(texts, [(turn.start, turn.end, turn.speaker[-1]) for turn in exclusive], warnings)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Found]:
    def found(*tiers: tuple[str, Spans]) -> Found:
        (tmp_path / "0001.TextGrid").write_text(grid(tiers), encoding="utf-8")
        return found_in(tmp_path / "0001.TextGrid")

    return found


Read = Callable[..., Found]


def phones(count: int = 7) -> Spans:
    return [(round(1 + n / 10, 3), round(1.1 + n / 10, 3), PHONES[n % len(PHONES)]) for n in range(count)]


@pytest.mark.parametrize(
    ("words", "sounds", "speaker"),
    [
        ("words", "phones", None),
        ("Anna - words", "Anna - phones", "Anna"),
        ("Anna Maria - word", "Anna Maria - phone", "Anna Maria"),
        ("ORT-MAU", "MAU", None),
        ("ORT-MAU-Anna", "MAU-Anna", "Anna"),
        ("Anna: ORT-MAU", "Anna: MAU", "Anna"),
        ("TokensAlign", "PhonAlign", None),
        ("words@Anna", "phones@Anna", "Anna"),
    ],
)
def test_words_and_phones_of_aligners(read: Read, words: str, sounds: str, speaker: str | None) -> None:
    found = read((sounds, [(0, 1, "sp"), *phones()]), (words, [(0, 1, "sil"), *SAID, (3, 10, "<p:>")]))
    assert found.texts == [(speaker, "hello", True), (speaker, "there", True)]
    assert found.turns == ([(1.0, 3.0, "0")] if speaker else [])
    assert found.warnings == []


def test_all_that_webmaus_writes(read: Read) -> None:
    found = read(
        ("ORT-MAU", [(0, 1, ""), *SAID, (3, 10, "")]),
        ("KAN-MAU", [(0, 1, ""), (1, 2, "h@l@U"), (2, 3, "De@"), (3, 10, "")]),
        ("MAU", [(0, 1, "<p:>"), (1, 1.5, "h"), (1.5, 2, "@"), (2, 3, "D"), (3, 10, "<p:>")]),
        ("MAS", [(1, 2, "h@")]),
        ("TRN", [(1, 3, "hello there")]),
    )
    assert found.texts == [(None, "hello", True), (None, "there", True)]
    assert found.warnings == []


def test_all_that_easyalign_writes(read: Read) -> None:
    found = read(
        ("phones", [(0, 1, "_"), *phones(), (3, 10, "_")]),
        ("syll", [(1, 2, "h@"), (2, 3, "D")]),
        ("words", [(0, 1, "_"), *SAID, (3, 10, "_")]),
        ("phono", [(1, 3, "h@loU De@")]),
        ("ortho", [(0, 1, ""), (1, 3, "hello there"), (3, 10, "_")]),
    )
    assert found.texts == [(None, "hello", True), (None, "there", True)]
    assert found.warnings == []


def test_tiers_of_annotators(read: Read) -> None:
    found = read(
        ("Anna", [(1, 3, "hello there")]),
        ("Ben", [(4, 5, "yes")]),
        ("comment@Anna", [(1, 3, "she smiles")]),
        ("notes", [(1, 3, "microphone moved")]),
    )
    assert found.texts == [("Anna", "hello there", False), ("Ben", "yes", False)]
    assert found.turns == [(1.0, 3.0, "0"), (4.0, 5.0, "1")]
    assert found.warnings == [
        "0001.TextGrid: the tier 'comment@Anna' (1 label) is left out: it holds notes",
        "0001.TextGrid: the tier 'notes' (1 label) is left out: it holds notes",
        "0001.TextGrid: tiers that are no speaker's are left out: 'comment@Anna' (1 label), 'notes' (1 label)",
    ]


def test_one_speaker_has_words_and_the_other_one_texts(read: Read) -> None:
    found = read(("Anna", [(1, 3, "hello there")]), ("Anna - words", SAID), ("Ben", [(4, 5, "yes")]))
    assert found.texts == [("Anna", "hello", True), ("Anna", "there", True), ("Ben", "yes", False)]


def test_who_speaks_while_another_has_words(read: Read) -> None:
    said = [(1, 1.5, "yes"), (1.5, 2, "we"), (2, 2.5, "won"), (2.5, 3, "it")]
    found = read(("Anna - words", said), ("Ben", [(1.2, 2.9, "and how was that?")]))
    assert found.texts == [*[("Anna", text, True) for _, _, text in said], ("Ben", "and how was that?", False)]
    assert found.warnings == []


def test_a_yes_within_the_others_turn_is_no_repetition(read: Read) -> None:
    found = read(("Anna", [(1, 5, "yes we won it and yes it was good")]), ("Ben", [(2, 2.5, "yes"), (3, 3.5, "good")]))
    assert [text for speaker, text, _ in found.texts if speaker == "Ben"] == ["yes", "good"]
    assert found.warnings == []


def test_the_texts_of_aligned_speakers(read: Read) -> None:
    found = read(
        ("Anna - words", SAID),
        ("Anna - phones", phones()),
        ("Anna - utterances", [(1, 3, "hello there")]),
        ("transcription@Ben", [(4, 5, "yes")]),
    )
    assert found.texts == [("Anna", "hello", True), ("Anna", "there", True), ("Ben", "yes", False)]
    assert found.turns == [(1.0, 3.0, "0"), (4.0, 5.0, "1")]
    assert found.warnings == []


@pytest.mark.parametrize(("name", "speaker"), [("tx@Anna", "Anna"), ("Anna - words", "Anna"), ("words", None)])
def test_sentences_in_a_tier_of_words_are_no_words(read: Read, name: str, speaker: str | None) -> None:
    assert read((name, [(1, 3, "hello to you"), (4, 5, "very well")])).texts == [
        (speaker, "hello to you", False),
        (speaker, "very well", False),
    ]


def test_words_get_their_speakers_from_the_texts_beside(read: Read) -> None:
    words = [*SAID, (4, 5, "yes")]
    found = read(("Anna", [(1, 3, "Hello there!")]), ("Ben", [(4, 5, "Yes.")]), ("words", words))
    assert found.texts == [("Anna", "hello", True), ("Anna", "there", True), ("Ben", "yes", True)]
    assert found.warnings == []


def test_words_that_only_the_text_has_are_named(read: Read) -> None:
    found = read(("Anna", [(1, 3, "hello over there")]), ("Anna - words", SAID))
    assert [text for _, text, _ in found.texts] == ["hello", "there"]
    assert found.warnings == [
        "0001.TextGrid: of the tier 'Anna' (1 label), words that other tiers do not hold are left out: over"
    ]


def test_the_same_text_twice_is_taken_once(read: Read) -> None:
    found = read(("sentences", [(1, 3, "hello there")]), ("Anna", [(1, 3, "Hello, there!")]))
    assert found.texts == [("Anna", "Hello, there!", False)]


@pytest.mark.parametrize("label", ["silent", "sil", "sp", "#", "<p:>", "<SIL>", "{SL}", "H#", "", "  "])
def test_silences_are_no_turns_and_no_words(read: Read, label: str) -> None:
    found = read(("Anna", [(0, 1, label), (1, 3, "hello there"), (3, 10, label)]))
    assert found.texts == [("Anna", "hello there", False)]
    assert found.turns == [(1.0, 3.0, "0")]


def test_where_praat_finds_sound_are_turns_and_no_text(read: Read) -> None:
    sounds = [(0, 1, "silent"), (1, 3, "sounding"), (3, 10, "silent")]
    found = read(("Anna", sounds), ("silences", sounds), ("Ben", [(4, 5, "yes")]))
    assert found.texts == [("Ben", "yes", False)]
    assert found.turns == [(1.0, 3.0, "0"), (4.0, 5.0, "1")]
    assert found.warnings == [
        "0001.TextGrid: the tier 'Anna' (1 label) is left out: it holds where somebody speaks",
    ]


def test_silent_is_a_word_where_words_are(read: Read) -> None:
    found = read(("Anna - words", [(1, 2, "silent"), (2, 3, "night")]))
    assert [text for _, text, _ in found.texts] == ["silent", "night"]


def test_phones_under_another_name_are_found_by_their_content(read: Read) -> None:
    found = read(("Anna", [(1, 3, "hello there")]), ("tier 2", phones(25)))
    assert found.texts == [("Anna", "hello there", False)]
    assert found.warnings == ["0001.TextGrid: the tier 'tier 2' (25 labels) is left out: it holds phones"]


@pytest.mark.parametrize("name", ["Mau", "Speaker"])
def test_text_in_a_tier_whose_name_says_another_kind(read: Read, name: str) -> None:
    assert read((name, [(1, 3, "hello to you there")])).texts == [(name, "hello to you there", False)]


def test_a_reference_has_the_phones_of_fave(tmp_path: Path) -> None:
    path = tmp_path / "0001.TextGrid"
    path.write_text(grid([("Anna - phone", [(0, 1, "sp"), *phones()]), ("Anna - word", SAID)]), encoding="utf-8")
    words = reference.read([path], "0001").words
    assert words and [(word.speaker, len(word.phones)) for word in words] == [("Anna", 7), ("Anna", 0)]


NAMES = ("Anna", "Ben", "Anna - words", "words", "notes", "sentences", "ORT-MAU", "comment@Ben")
TEXTS = ("hello there", "yes", "silent", "sp", "sounding", "very well", "so")
LABELS = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(["hello there", "yes", "silent", "sp", "sounding", "very well", "so"])
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda label: label[0],
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(NAMES), LABELS, min_size=1, max_size=4))
def test_every_word_is_in_the_transcript_or_its_tier_in_a_warning(
    tmp_path_factory: pytest.TempPathFactory, tiers: dict[str, list[tuple[int, str]]]
) -> None:
    path = tmp_path_factory.mktemp("grid") / "0001.TextGrid"
    spans = [(name, [(start, start + 1, text) for start, text in sorted(labels)]) for name, labels in tiers.items()]
    path.write_text(grid(spans), encoding="utf-8")
    found = read_transcript(path, "0001")
    read = " ".join((*(segment.text for segment, _ in found.segments), *found.warnings))
    for name, labels in tiers.items():
        missing = {word for _, text in labels for word in text.split() if word not in read} - {"sp"}
        assert not missing or repr(name) in " ".join(found.warnings)
