"""Which interviews there are: the videos, their ids, and their labels."""

from __future__ import annotations

from imigue_build.corpus.discovery import MEDIA_SUFFIXES, Corpus, Problem, Video, discover, is_video_id, padded
from imigue_build.corpus.labels import Labels, Players, match, read_labels
from imigue_build.corpus.subjects import Subjects, read_subjects

__all__ = [
    "MEDIA_SUFFIXES",
    "Corpus",
    "Labels",
    "Players",
    "Problem",
    "Subjects",
    "Video",
    "discover",
    "is_video_id",
    "match",
    "padded",
    "read_labels",
    "read_subjects",
]
