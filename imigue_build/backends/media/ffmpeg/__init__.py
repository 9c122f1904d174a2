"""ffmpeg: the streams of a media file, and its audio as two WAVs on the video's clock."""

from __future__ import annotations

from imigue_build.backends.media.ffmpeg.balance import channel_balance
from imigue_build.backends.media.ffmpeg.command import Tool, ffmpeg_version, find_ffmpeg, provenance
from imigue_build.backends.media.ffmpeg.decode import decode
from imigue_build.backends.media.ffmpeg.probe import AudioStream, MediaInfo, probe

__all__ = [
    "AudioStream",
    "MediaInfo",
    "Tool",
    "channel_balance",
    "decode",
    "ffmpeg_version",
    "find_ffmpeg",
    "probe",
    "provenance",
]
