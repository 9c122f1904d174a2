"""A fake MFA for tests, its models, and interviews for it."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from imigue_build.backends.alignment.mfa.aligner import MfaAligner
from imigue_build.backends.alignment.mfa.settings import MfaAlign
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.core.records import AlignedWord, Utterance

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

FAKE = Path(__file__).parents[2] / "fakes" / "fake_mfa.py"
LAUNCHER = (sys.executable, str(FAKE))
HARD, HOPELESS = "measure", "boy"
"""A word that needs a wide beam, and one that cannot be aligned; the fake recognises them by their phones."""
DICTIONARY = f"""\
hello\t0.99\t0.2\t1.0\t1.1\tHH AH0 L OW1
hello\t0.5\t0.2\t1.0\t1.1\tHH EH0 L OW1
we\t0.99\t0.2\t1.0\t1.1\tW IY1
played\tP L EY1 D
THAT'S DH AE1 T S
six 0.9 S IH1 K S
four  F AO1 R
us\tAH1 S
{HARD} M EH1 ZH ER0
{HOPELESS} B OY1
uh AH1
huh HH AH1
zoo Z UW1
yes Y EH1 S
ring R IH1 NG
shy SH AY1
thin TH IH1 N
view V Y UW1
goat G OW1 T
jaw JH AO1
chew CH UW1
how HH AW1
put P UH1 T
pot P AA1 T
"""
_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()  # noqa: SIM905
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()  # noqa: SIM905
PHONES = (*(f"{vowel}{stress}" for vowel in _VOWELS for stress in "012"), *_CONSONANTS)
"""Of the acoustic model: the dictionary's and some more."""


@dataclass(frozen=True)
class FakeMfa:
    """The fake and its models in a folder."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "calls.jsonl"

    def aligner(self, **settings: Any) -> MfaAligner:
        return MfaAligner(self.config(**settings))

    def config(self, **settings: Any) -> MfaAlign:
        models = {"acoustic_model": str(self.folder / "model.zip"), "dictionary": str(self.folder / "english.dict")}
        return MfaAlign(**{"backend": "mfa", "launcher": LAUNCHER, "jobs": 1, **models, **settings})

    def calls(self, command: str = "align") -> list[dict[str, Any]]:
        """The commands that the fake was given, in order."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        found: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [call for call in found if call["arguments"][:1] == [command]]


def installed(folder: Path) -> FakeMfa:
    """The fake with new models in a folder."""
    (folder / "english.dict").write_text(DICTIONARY, encoding="utf-8")
    pack(folder / "model.zip", PHONES)
    pack(folder / "g2p.zip", ["AA1", "T"], "model.fst")
    return FakeMfa(folder)


def pack(path: Path, phones: Sequence[str], model: str = "final.mdl") -> Path:
    """A model as MFA packs it, with a list of its phones and no content."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}/meta.json", json.dumps({"version": "3.0.0", "phones": sorted(phones)}))
        archive.writestr(f"{path.stem}/{model}", "model")
    return path


def utterance(text: str, start: float, end: float, speaker: str = "SPEAKER_00") -> Utterance:
    """Words spread evenly over an interval."""
    tokens = text.split()
    edges = np.linspace(start, end, len(tokens) + 1)
    words = [AlignedWord(float(a), float(b), token, 0.5) for token, (a, b) in zip(tokens, pairwise(edges), strict=True)]
    return Utterance(start, end, speaker, tuple(words))


def recording(*utterances: Utterance, seconds: float = 10.0) -> Samples:
    """Faint noise, loud during the utterances."""
    random = np.random.default_rng(0)
    sound = random.normal(0, 3, round(seconds * SAMPLE_RATE))
    for spoken in utterances:
        first, last = (max(round(time * SAMPLE_RATE), 0) for time in (spoken.start, spoken.end))
        sound[first:last] += random.normal(0, 3000, len(sound[first:last]))
    return sound.astype(np.int16)


def task(*utterances: Utterance, video_id: str = "0440", seconds: float = 10.0) -> AlignmentTask:
    return AlignmentTask(video_id, "en", recording(*utterances, seconds=seconds), utterances)
