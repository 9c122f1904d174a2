"""Marks: what a transcriber adds to the text and nobody says, such as "[laughter]".

Marks are

- anything in square, angle or curly brackets ("[laughter]", "<unk>", "<i>", "[00:12:33]"), except plain numbers, as
  a match tie-break or a seed is written: "[10-8]", "[3]";
- in round brackets or asterisks, what describes a sound, a gesture, a disturbance, a pause or a language:
  "(laughs)", "(shaking head)", "(audio cuts out)", "(0.5)", "(speaking in French)". Other words in round brackets
  are speech;
- between dashes or musical notes, names of sounds: "- laughs -", and CHAT's "&=laughs".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Final

_MAX_LETTERS: Final = 120
"""Characters between two brackets; an opening bracket without a closing one nearby is no mark."""
_MAX_NESTED: Final = 3
"""Brackets within each other."""
_MAX_WORDS: Final = 10
"""Words between round brackets, asterisks or dashes."""

_NOISE_WORDS: Final = """
    laugh laughs laughed laughing laughter chuckle chuckles chuckling chuckled giggle giggles giggling smiles smiling
    smiled grins grinning applause applauds applauding clap claps clapping cheers cheering music silence pause pauses
    pausing beep beeps beeping bleep bleeped noise noises crosstalk overtalk overlapping inaudible indistinct
    indistinctly unintelligible unintelligibly indiscernible undecipherable unclear muffled garbled static cough coughs
    coughing coughed sneeze sneezes sneezing sigh sighs sighing sighed sniff sniffs sniffing sniffles sobs sobbing gasp
    gasps gasping groan groans groaning moans grunts grunting exhale exhales exhaling inhale inhales inhaling snorts
    snorting yawns yawning whispers whispering whistles whistling hums humming screams screaming yells yelling murmurs
    murmuring mumbles mumbling chatter chattering booing ringing buzzing clicking knocking shrug shrugs shrugging nods
    nodding nodded winks winking gestures gesturing indicating translator interpreter interpretation interpreted
    interpreting translating redacted censored expletive expletives vocalization
    vocalizing footsteps chirping barking honking ticking rustling creaking whooshing chiming dings thuds
    rattling clattering crackling crinkling crunching
    rires rire applaudissements musique risas aplausos música risate applausi lacht lachen gelächter applaus beifall
    musik 笑 笑い 拍手 音楽 笑声 掌声
"""
_NOISES: Final = frozenset(_NOISE_WORDS.split())
"""Words for sounds, gestures and speech that cannot be understood or is translated."""
_TOPICS: Final = frozenset(
    ("music", "noise", "noises", "silence", "pause", "pauses", "static", "translator", "interpreter")
)
"""Noises that a speaker may name."""
_ABOUT: Final = frozenset(
    ("the", "this", "all", "of", "like", "about", "some", "any", "for", "more", "much", "too", "as")
)
"""Words with which a speaker names noises: "all the noise"."""
_SPEECH_WORDS: Final = """
    i i'm i've i'd i'll you you're we we're my me our your was were am but because if that that's it's there's not would
    could will have had do did don't didn't can can't so when just what
"""
_SPEECH: Final = frozenset(_SPEECH_WORDS.split())
"""Words that no transcriber's description has: with one of them, the text in round brackets is speech."""

_LANGUAGES: Final = (
    "arabic|bulgarian|cantonese|catalan|chinese|croatian|czech|danish|dutch|english|finnish|french|german|greek|hebrew|"
    "hindi|hungarian|italian|japanese|kazakh|korean|latvian|mandarin|norwegian|polish|portuguese|romanian|russian|"
    "serbian|slovak|slovenian|spanish|swedish|thai|turkish|ukrainian"
)
_TALKS: Final = (
    "speak|speaks|speaking|spoken|spoke|talks|talking|answer|answers|answering|answered|asks|asking|asked|question|"
    "questions|response|replies|replying|responds|responding|says|sings|singing|continues|comment|comments"
)
_LANGUAGE: Final = (
    rf"(?:{_LANGUAGES}|(?:(?:a|an|his|her|their|another) )?(?:foreign|native|other|non english)? ?language)"
)
_BODY: Final = "head|throat|fingers?|hands?|shoulders?|tongue|eyes|eyebrows?|lips|table|desk|thumbs?"
_MOVES: Final = (
    r"sha(?:kes?|king)|clear(?:s|ed|ing)|snap(?:s|ping)|rais(?:es|ing)|point(?:s|ing)|tap(?:s|ping)|roll(?:s|ing)|"
    r"click(?:s|ing)|hold(?:s|ing)|pound(?:s|ing)|slam(?:s|ming)|scratch(?:es|ing)|cross(?:es|ing)|touch(?:es|ing)"
)
_SOURCES: Final = (
    "people|crowd|audience|man|men|woman|women|child|children|kids|baby|girl|boy|fans?|reporters?|speakers?|journalists?|"
    "interviewer|translator|interpreter|music|band|song|anthem|phone|telephone|cellphone|bells?|doors?|dogs?|birds?|"
    "cameras?|shutters?|engine|siren|horn|wind|water|rain|thunder|glass|clock|keyboard|car|plane|helicopter|train|chair|"
    "alarm|machine|static|microphone|audience member|voices?|indistinct"
)
_SOUNDS: Final = (
    "rings|barks|slams|shatters|wails|chimes|plays|cheers|laughs|claps|whirs|roars|honks|beeps|buzzes|opens|closes|"
    "fades|continues|stops|speaks|sings|chatter|conversations?|speech|announcement"
)
_WHERE: Final = (
    r"\w+ly|nearby|in (?:the )?(?:background|distance)|over (?:loudspeaker|speaker|pa)|off ?(?:mic|screen|camera)|out"
)
_MEDIA: Final = (
    "interview|press conference|session|audio|video|sound|signal|connection|recording|tape|line|transmission|feed|"
    "microphone|mic|mike|phone"
)
_BREAKS: Final = (
    r"skip\w*|cut\w*|out|drop\w*|lost|interrupt\w*|break\w*|glitch\w*|malfunction\w*|gap|playing|plays|played|playback|"
    r"shown|starts?|begins?|ends?|stops?|resumes?|off|rings|issues?|problems?"
)
_DESCRIPTIONS: Final = (
    rf"(?:{_TALKS}) (?:in )?{_LANGUAGE}(?: to \w+(?: \w+)?)?",
    rf"in {_LANGUAGE}",
    rf"(?:{_LANGUAGES}) (?:questions?|answers?|responses?|spoken)|questions? (?:repeated|translated)",
    r"(?:talking|speaking|talk|speak) over (?:each other|one another)|"
    r"(?:(?:talking|speaking|turning) )?to (?:the |his |her )?(?:moderator|interpreter|translator)|"
    r"(?:talking to|speaking to|turning to|addressing) (?:the )?(?:crowd|audience|moderator)",
    "(?:speaks |speaking |in )?(?:a )?foreign language|speaking foreign|foreign",
    r"(?:\w+ ){0,2}(?:through|thru|via|with|by) (?:an? |the |his |her )?(?:interpret\w+|translat\w+)(?: \w+)?",
    r"(?:english |french |spanish )?translation|translated(?: from \w+)?",
    r"(?:\w+ ){0,3}off (?:the )?(?:mic|mike|microphone|camera|screen)(?: (?:question|answer|comment|remark|talk)s?)?",
    rf"(?:{_LANGUAGE}|non english) (?:is )?spoken|speak(?:s|ing)? non english|(?:q|a) in {_LANGUAGE}",
    r"beat|thinking|thinks|smile|(?:\w+ )?gestures?|stutters|stuttering|stammers|stammering|(?:speaking )?in unison",
    r"interrupts|interrupting|continuing|continued|cont'd|resuming|repeats|simultaneous (?:speech|talking)",
    r"(?:tears|tearing|chokes|choking) up|(?:wipes|wiping)(?: away)?(?: (?:his|her|their|a))? (?:tears?|eyes|face)",
    r"breaks down(?: crying)?|(?:gets|becomes|getting|becoming) emotional|emotional|in tears",
    r"(?:looks|looking) (?:around|up|down|away|at (?:\w+ ){0,2}\w+)|(?:mic|mike|microphone|audio) feedback|feedback",
    r"(?:video|audio|film) ?(?:clip)? (?:plays|playing|played|is shown|shown)|camera clicks",
    r"(?:recording|tape|audio|video) paused",
    r"(?:transcript|interview|session|press conference) (?:ends|concludes|begins)",
    r"(?:no|without)(?: a)? (?:mic|mike|microphone|audio|sound|(?:audible |verbal )?(?:response|answer|reply))",
    r"technical (?:difficult\w+|issues?|problems?|interruptions?|glitch\w*)",
    rf"(?:\w+ )?(?:{_MEDIA}) (?:is |was )?(?:{_BREAKS})(?: (?:out|off|up))?",
    rf"(?:{_MOVES})(?: (?:up|down|at|on|in|with|to|across|his|her|their|the|a|own)){{0,3}} (?:\w+ )?(?:{_BODY})",
    rf"(?:\w+ ){{0,2}}(?:{_SOURCES}) (?:\w+ing|{_SOUNDS})(?: (?:{_WHERE}))?",
    rf"(?:\w+ )?(?:{_SOURCES}) (?:speaking|talking|speaks|singing|chanting) (?:in )?{_LANGUAGE}",
    r"(?:crying|weeping|shouting|chanting|sings|singing|panting|talking|speaking)(?: \w+ly)?",
    r"thumbs up|cross talk|multiple speakers|phonetic|ph|sic|sp|music|joking|jokingly|sarcastically",
    r"(?:knocks?|knocking|bangs?|banging|taps?|tapping) on (?:the )?(?:table|desk|door|wood|microphone|mic)",
    r"(?:takes|taking) (?:a )?(?:sip|drink)(?: of water)?|(?:drinks|drinking|sips|sipping) water",
    r"(?:imitates|imitating|mimics|mimicking) (?:\w+ )?(?:sounds?|noise|\w+ing)",
    r"(?:begin|end) (?:video|audio) ?(?:clip|tape)|commercial break|break in (?:the )?(?:audio|recording|tape)",
    r"(?:end|start|beginning) of (?:the )?(?:interview|recording|video|tape|transcript|audio|session|press conference)",
    r"\d{0,2}\.\d|0?\.\d+|\d{0,2}\.\d+ ?s(?:ecs?)?|\d ?s|\d{1,2} ?secs?|x{2,3}|h{2,6}",
    r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?|\d\d:\d\d",
)
_DESCRIPTION: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _DESCRIPTIONS))


def without_marks(tokens: Sequence[str]) -> list[str]:
    """What is said of each written token of a text; a token within a mark has only spaces left.

    >>> [token.strip() for token in without_marks(["yes[laughter]", "(clears", "throat)", "(I", "think)"])]
    ['yes', '', '', '(I', 'think)']
    """
    text = " ".join(tokens).translate(_PLAIN_BRACKETS)
    for pattern, is_mark in _ENCLOSED:
        for _ in range(_MAX_NESTED):
            text = pattern.sub(partial(_blank, is_mark), text)
    ends = list(accumulate(len(token) + 1 for token in tokens))
    return [text[end - len(token) - 1 : end - 1] for token, end in zip(tokens, ends, strict=True)]


def _blank(is_mark: Callable[[str], bool], found: re.Match[str]) -> str:
    return " " * len(found[0]) if is_mark(found["inside"]) else found[0]


def _is_no_number(inside: str) -> bool:
    """Whether the text in square, angle or curly brackets is a mark: it is no plain number."""
    return bool(re.search(r"[^\W\d]|:", inside)) or not re.search(r"\d", inside)


def _is_description(inside: str) -> bool:
    """Whether the text in round brackets describes what is heard or seen."""
    words = _words(inside)
    if not words or len(words) > _MAX_WORDS or _SPEECH.intersection(words):
        return False
    if _DESCRIPTION.fullmatch(" ".join(words)):
        return True
    edges = _NOISES.intersection((words[0], words[-1]))
    return bool(edges) and not (edges <= _TOPICS and _ABOUT.intersection(words))


def _is_noise(inside: str) -> bool:
    """Whether the text between two dashes names sounds and nothing else."""
    words = _words(inside)
    return 0 < len(words) <= 3 and set(words) <= {*_NOISES, "and"} and not _TOPICS.intersection(words)


def _words(text: str) -> list[str]:
    plain = re.sub(r"[-\u2010-\u2015/]", " ", text.lower().replace("\u2019", "'"))
    return [word for part in plain.split() if (word := re.sub(r"^[^\w.]+|\W+$", "", part))]


_PLAIN_BRACKETS: Final = str.maketrans(
    "\uff08\uff09\uff3b\uff3d\uff5b\uff5d\uff1c\uff1e\u3010\u3011\uff0a", "()[]{}<>[]*"
)  # of full width
_ENCLOSED: Final = (
    (re.compile(r"[\[<](?P<inside>laugh(?:ter)?-)(?=\w)", re.IGNORECASE), bool),  # what follows is said, laughing
    (re.compile(rf"\[(?P<inside>[^\[\]]{{0,{_MAX_LETTERS}}})\]"), _is_no_number),
    (re.compile(rf"<(?P<inside>(?=[^\s<>])[^<>]{{0,{_MAX_LETTERS}}})>"), _is_no_number),
    (re.compile(rf"\{{(?P<inside>[^{{}}]{{0,{_MAX_LETTERS}}})\}}"), _is_no_number),
    (re.compile(rf"\((?P<inside>[^()]{{0,{_MAX_LETTERS}}})\)"), _is_description),
    (re.compile(rf"\*{{1,3}}(?P<inside>[^*]{{1,{_MAX_LETTERS}}})\*{{1,3}}"), _is_description),
    (re.compile(r"(?<!\w)[-\u2013\u2014]{1,3} ?(?P<inside>\w[\w ]{2,30}\w) ?[-\u2013\u2014]{1,3}(?!\w)"), _is_noise),
    (re.compile(r"(?<!\S)(?:&=|%(?=hesitation))(?P<inside>[\w:]+)", re.IGNORECASE), bool),
    (re.compile(r"(?<!\S)(?P<inside>xxx)(?=[.,?!]*(?:\s|$))"), bool),  # CHAT's word that nobody understands
    (re.compile(r"(?<=[A-Za-z'])\((?P<inside>\d{1,2})\)"), bool),  # which pronunciation, or a footnote
    (re.compile(rf"[\u266a\u266b](?P<inside>[^\u266a\u266b]{{1,{_MAX_LETTERS}}})[\u266a\u266b]"), _is_description),
)
