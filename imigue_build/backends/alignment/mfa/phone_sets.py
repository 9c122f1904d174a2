"""The phones of MFA's models: they have to belong together.

MFA aligns with models of different phone sets as well: the words whose pronunciations have a phone that the acoustic
model lacks, it takes for unknown noise, and places them somewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imigue_build.backends.alignment.mfa import dictionary, model_files
from imigue_build.core.errors import BackendError, first_few

if TYPE_CHECKING:
    from imigue_build.backends.alignment.mfa.dictionary import Dictionary


def fitted(path: Path, found: Dictionary, model: frozenset[str]) -> Dictionary:
    """A dictionary whose words are pronounced with the acoustic model's phones.

    Args:
        path: Of the dictionary's file.
        model: The phones of the acoustic model.

    Raises:
        BackendError: If most of its pronunciations have other phones.
    """
    foreign, unusable, size = _foreign(found, model)
    if 2 * unusable > size:
        what = (
            f"MFA's dictionary {path} has other phones than the acoustic model: {_listed(foreign)} (in {unusable} of "
            f"{size} pronunciations), but the model has {_listed(model)}"
        )
        raise BackendError(what, "name the dictionary with which the model was trained in align.dictionary")
    return replace(found, phones=model)


def check(acoustic: Path, words: Path, g2p: Path | None) -> str:
    """Checks that models belong together, and says what is still to be known about their phones.

    Raises:
        BackendError: If they do not.
    """
    model = model_files.phones_of(acoustic)
    found = dictionary.read(words, ())
    fitted(words, found, model)
    guessed = model_files.phones_of(g2p) if g2p is not None else model
    if 2 * len(guessed - model) > len(guessed):
        what = f"the G2P model {g2p} has other phones than the acoustic model: {_listed(sorted(guessed - model))}"
        raise BackendError(
            f"{what}; the acoustic model has {_listed(model)}", "name one for its phones in align.g2p_model"
        )
    foreign, unusable, size = _foreign(found, model)
    if not unusable:
        return f"{len(model)} phones"
    return f"{unusable} of {size} pronunciations have phones that the acoustic model lacks: {_listed(foreign)}"


def _foreign(found: Dictionary, model: frozenset[str]) -> tuple[list[str], int, int]:
    """The phones of a dictionary that a model lacks, the most frequent first; how many pronunciations have one; of how
    many."""
    counts: Counter[str] = Counter()
    unusable = size = 0
    for pronunciation, number in found.counts.items():
        phones = set(pronunciation.split()) - dictionary.NO_PHONES
        size += number if phones else 0
        if lacking := phones - model:
            unusable += number
            counts.update(dict.fromkeys(lacking, number))
    return sorted(counts, key=lambda phone: (-counts[phone], phone)), unusable, size


def _listed(phones: list[str] | frozenset[str]) -> str:
    return first_few(phones if isinstance(phones, list) else sorted(phones), len(phones), ", ")
