"""What is known of a run's work before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from imigue_build.engine.events import Length, Planned
from imigue_build.engine.plan import Interview
from imigue_build.engine.stage import Stage, earlier_stages
from imigue_build.store.completion import Completion


def planned(stages: Sequence[Stage], interviews: Sequence[tuple[Interview, Path | None]]) -> Planned:
    """The work ahead of these stages, with what the artifacts that are there say of lengths and times."""
    lengths = {
        interview.video_id: Length(
            sound_of(one.completion for one in interview.artifacts.values()) or None, _size(video)
        )
        for interview, video in interviews
    }
    before: dict[str, tuple[float, float]] = {}
    for interview, _ in interviews:
        length = lengths[interview.video_id].seconds or 0.0
        for name, artifact in interview.artifacts.items():
            if artifact.completion is not None and length:
                sound, seconds = before.get(name, (0.0, 0.0))
                before[name] = (sound + length, seconds + artifact.completion.seconds)
    earlier = {stage.name: tuple(earlier_stages(stage)) for stage in stages}
    return Planned({stage.name: len(interviews) for stage in stages}, lengths, earlier, before)


def sound_of(completions: Iterable[Completion | None]) -> float:
    """Seconds of sound of an interview with these artifacts; 0 where there is none."""
    return max((completion.media_seconds for completion in completions if completion is not None), default=0.0)


def _size(video: Path | None) -> int:
    try:
        return video.stat().st_size if video is not None else 0
    except OSError:
        return 0
