"""Transcripts and turns in the formats that people have: JSON, TextGrid, STM, CTM, SRT, WebVTT, RTTM."""

from __future__ import annotations

from imigue_build.corpus.annotations.sources import Labelled
from imigue_build.corpus.annotations.transcripts import GivenSegment, read_segments
from imigue_build.corpus.annotations.turns import diarization, read_turns

__all__ = ["GivenSegment", "Labelled", "diarization", "read_segments", "read_turns"]
