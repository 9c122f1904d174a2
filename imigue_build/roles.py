"""Who is the interviewee and who interviews, by the paper's rule."""

from __future__ import annotations

import math
from typing import Final

from imigue_build.errors import BackendError
from imigue_build.records import Diarization, Role, Roles

LONGEST: Final = "longest-speaking-time"
_STEEPNESS: Final = 6.0
_ALONE: Final = 0.5


def assign_roles(diarization: Diarization) -> Roles:
    """The speaker with the longest cumulative speaking time is the interviewee, all others interviewers.

    Equal times go to the speaker who appeared first. The confidence is a logistic function of the
    margin (t1 - t2) / (t1 + t2) between the two longest times: 0.5 at equal times, 0.92 at 70 to 30.
    One speaker alone is the interviewee, with a confidence of 0.5: no margin speaks for it.

    Raises:
        BackendError: If nobody speaks.
    """
    seconds = {speaker.speaker: speaker.seconds for speaker in diarization.speakers}
    if not seconds:
        raise BackendError("the diarization found no speaker", "listen to the recording: there may be no speech in it")
    ranked = sorted(seconds, key=lambda name: (-seconds[name], name))
    roles: dict[str, Role] = dict.fromkeys(sorted(seconds), "interviewer")
    roles[ranked[0]] = "interviewee"
    confidence = _ALONE
    if len(ranked) > 1:
        first, second = seconds[ranked[0]], seconds[ranked[1]]
        confidence = 1 / (1 + math.exp(-_STEEPNESS * (first - second) / (first + second)))
    return Roles(roles, round(confidence, 3), LONGEST, {name: seconds[name] for name in sorted(seconds)})
