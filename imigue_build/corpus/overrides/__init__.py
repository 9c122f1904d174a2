"""A person's corrections: one YAML file per interview, kept outside WORK and RELEASE."""

from __future__ import annotations

from imigue_build.corpus.overrides.apply import (
    correct_roles,
    correct_turns,
    correct_words,
    corrected_turns,
    dropped_spans,
    merge_speakers,
    speaker_of,
)
from imigue_build.corpus.overrides.file import KINDS, RERUNS, Override, find, others, parse, read, text
from imigue_build.corpus.overrides.texts import Entry, entries

__all__ = [
    "KINDS",
    "RERUNS",
    "Entry",
    "Override",
    "correct_roles",
    "correct_turns",
    "correct_words",
    "corrected_turns",
    "dropped_spans",
    "entries",
    "find",
    "merge_speakers",
    "others",
    "parse",
    "read",
    "speaker_of",
    "text",
]
