"""Readers of existing transcripts and speaker turns: JSON, TextGrid, STM, CTM, SRT, WebVTT, RTTM."""

from __future__ import annotations

from imigue_build.corpus.annotations.sources import LabelledSpan, TimedSegment
from imigue_build.corpus.annotations.transcripts import read_segments
from imigue_build.corpus.annotations.turns import diarization, read_turns

__all__ = ["LabelledSpan", "TimedSegment", "diarization", "read_segments", "read_turns"]
