"""A person's corrections: one YAML file per interview, kept outside WORK and RELEASE."""

from __future__ import annotations

from imigue_build.corpus.overrides.apply import correct_roles, correct_words, dropped_spans, merge_speakers
from imigue_build.corpus.overrides.file import KINDS, Override, find, parse, read, text

__all__ = [
    "KINDS",
    "Override",
    "correct_roles",
    "correct_words",
    "dropped_spans",
    "find",
    "merge_speakers",
    "parse",
    "read",
    "text",
]
