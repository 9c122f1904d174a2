"""What transcribers add to the text and nobody says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imigue_build.text.marks import without_marks
from imigue_build.text.normalise import normalise

MARKS = """
[laughter] | [Laughter.] | [BLANK_AUDIO] | [ Silence ] | [inaudible 00:01:02] | [00:12:33] | [00:12] | [crosstalk]
[sic] | [?] | [音楽] | 【拍手】 | [[laughter]] | [laughter [applause]] | <unk> | <laugh> | <i> | </i> | <00:00:01.240>
{cough} | {\\an8} | {laugh} | (laughs) | (Laughter.) | (LAUGHTER) | (laughing), | "(laughs)" | ((inaudible))
(laughs and claps) | (clears throat) | (clears throat.) | (shaking head) | (Shakes his head.) | (nods)
(shrugs shoulders) | (snaps fingers) | (raises his hand) | (pointing to his head) | (thumbs up) | (knocks on table)
(takes a sip of water) | (Through interpretation.) | (Through interpreter.) | (via translator)
(through the interpreter) | (Answers through an interpreter) | (translated from Russian) | (English translation)
(Speaking in French) | (speaks Spanish) | (Answering in Spanish.) | (Question in Spanish) | (In French.)
(speaking in foreign language) | (foreign language) | (man speaking in foreign language)
(speaking his native language) | (Question off microphone.) | (off mic) | (Off-camera)
(audience member speaking off mic) | (No microphone.) | (No audible response.) | (Inaudible question.)
(Indiscernible.) | (CROSSTALK) | (multiple speakers) | (people talking) | (indistinct chatter)
(Technical difficulties.) | (Audio cuts out) | (connection lost) | (recording stops) | (video plays)
(BEGIN VIDEO CLIP) | (break in audio) | (end of interview) | (commercial break) | (phone ringing)
(phone is ringing) | (bell rings) | (door slams) | (dog barking) | (crowd cheering) | (upbeat music)
(audience applauding) | (whistling) | (humming) | (singing) | (crunching) | (plastic crinkling) | (pause)
(long pause) | (0.5) | (1.2) | (.5) | (.) | (pause 3 seconds) | (00:12:33) | (12:33) | (ph) | (sic) | (phonetic)
(he laughs) | (it is unclear) | \uff08笑\uff09 | (risas) | (Applaudissements)
(Lachen) | *laughs* | *Musik* | *clears throat*
**sighs** | * laughs * | - laughs - | -- laughter -- | — sighs — | --(laughs)-- | ♪ | ♪♪ | (♪♪) | ♪ upbeat music ♪
(Spanish question) | (French spoken) | (Question repeated.) | (talking over each other) | (addressing the crowd)
(to moderator) | (speaking to the interpreter) | (Interview ends) | (press conference begins) | (sings)
(expletive) | (expletive deleted) | (censored) | (1.5 s) | (0.5s) | (2 sec) | (1s) | (xxx) | (xx) | (hh)
(Off mic question) | (Foreign language spoken) | (Q. in French) | (beat) | (gesture) | (hand gesture) | (interrupting)
(continuing) | (continued) | (simultaneous speech) | (tears up) | (wipes away tears)
(gets emotional) | (looks at phone)
(mic feedback) | (video clip plays) | (recording paused) | (camera clicks) | (transcript ends) | xxx
\u266b upbeat music \u266b | &=laughs | &=clears:throat | %hesitation | -- | \u2013 | — | ... | ***
"""
SPEECH = {
    "(thinking about it)": "thinking about it",
    "(it was emotional)": "it was emotional",
    "(I look at him)": "i look at him",
    "(I think so)": "i think so",
    "(he said)": "he said",
    "(Roger)": "roger",
    "(Federer and Nadal)": "federer and nadal",
    "(speaking of which)": "speaking of which",
    "(talking about Roger)": "talking about roger",
    "(in Paris)": "in paris",
    "(and I was laughing)": "and i was laughing",
    "(it's in French)": "it's in french",
    "(like the interpreter said)": "like the interpreter said",
    "(all the noise)": "all the noise",
    "(lost in translation)": "lost in translation",
    "(raising the trophy)": "raising the trophy",
    "(people saying that)": "people saying that",
    "(playing well)": "playing well",
    "(nothing)": "nothing",
    "(talking to Rafa)": "talking to rafa",
    "(the crowd)": "the crowd",
    "(Question about Wimbledon.)": "question about wimbledon",
    "(music to my ears)": "music to my ears",
    "(2 seconds)": "two seconds",
    "(in my 20s)": "in my twenties",
    "(Spanish)": "spanish",
    "(which is nice)": "which is nice",
    "(off the record)": "off the record",
    "(7:30)": "seven thirty",
    "(2019)": "twenty nineteen",
    "(3)": "three",
    "(beat Roger 6-4)": "beat roger six four",
    "[3]": "three",
    "[10-8]": "ten eight",
    "7-6 (5)": "seven six five",
    "7-6[5]": "seven six five",
    "((I think))": "i think",
    "*really*": "really",
    "*I mean it*": "i mean it",
    "**never** ever": "never ever",
    "the -- pause -- was long": "the pause was long",
    "- Yes. - No.": "yes no",
    "♪ la la la ♪": "la la la",
    "[not closed so said": "not closed so said",
    "(not closed laughs": "not closed laughs",
    "%um": "um",
    # marks next to speech, within a token
    "<i>really</i>": "really",
    "<b>I won</b> it": "i won it",
    "<v Roger>Hi": "hi",
    "<c.yellow>word</c>": "word",
    "{\\an8}Hello": "hello",
    "word.[laughter]": "word",
    "[laughter]yes": "yes",
    "yes(laughs)": "yes",
    "(laughs)I know": "i know",
    "6-4(laughs)": "six four",
    "(笑い)はい": "はい",
    "[laughter-yes]": "yes",
    "<LAUGH-yes> it": "yes it",
    "th[at]-": "th",
    "hello(2)": "hello",
    "(clears throat) I won (laughs) again.": "i won again",
}


def _marks() -> list[str]:
    return [mark for line in MARKS.strip().splitlines() for mark in line.split(" | ")]


@pytest.mark.parametrize("mark", _marks(), ids=ascii)
def test_a_mark_is_not_said(mark: str) -> None:
    assert normalise(mark) == ""
    assert normalise(f"Yes, {mark} no.") == "yes no"


@pytest.mark.parametrize(("text", "spoken"), SPEECH.items(), ids=[ascii(text) for text in SPEECH])
def test_speech_in_and_next_to_brackets_is_said(text: str, spoken: str) -> None:
    assert normalise(text) == spoken


def test_there_are_as_many_tokens_as_before() -> None:
    assert without_marks(["yes[laughter]", "(clears", "throat)", "(I", "think)"]) == [
        "yes          ",
        "       ",
        "       ",
        "(I",
        "think)",
    ]
    assert without_marks([]) == []


def test_brackets_far_apart_enclose_speech() -> None:
    assert normalise("[" + "so " * 100 + "]") == " ".join(["so"] * 100)


@given(st.lists(st.text(alphabet="abAB12 .,:()[]<>{}*-♪&%='", max_size=12), max_size=8))
def test_each_token_keeps_its_length_and_its_letters_or_loses_them_to_spaces(tokens: list[str]) -> None:
    for token, spoken in zip(tokens, without_marks(tokens), strict=True):
        assert len(spoken) == len(token)
        assert all(after in (before, " ") for before, after in zip(token, spoken, strict=True))
