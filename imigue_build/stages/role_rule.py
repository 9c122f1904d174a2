"""Who is the interviewee and who interviews: the paper's rule, and how far it can be trusted."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from imigue_build.core.errors import BackendError
from imigue_build.core.records import Alignment, Diarization, Role, Roles, Utterance

LONGEST: Final = "longest-speaking-time"
_ALONE: Final = 0.5
_CLOSE: Final = 0.15
_LENGTH_BOUND: Final = 1.5
_FEW_QUESTIONS: Final = 3
_QUESTION: Final = re.compile(
    r"\?|^(?:(?:and|so|but|well|ok|okay|now)\s+)?(?:"
    r"(?:do|did|does|are|were|can|could|would|will|have|had|has|is|was)(?:n't)?\s+(?:you|your|it)\b"
    r"|(?:how|what|when|where|why|which|who)\b(?:\s+\S+){0,4}?\s+(?:you|your)\b"
    r"|how\s+(?:did|do|does|was|were|is|are|much|many|about)\b|what\s+(?:about|was|were|did|made)\b"
    r"|(?:tell|talk)\s+us\b|can\s+we\b)",
    re.IGNORECASE,
)


class Evidence(NamedTuple):
    """What speaks for the roles, each 0 where it says nothing and positive where it speaks for them.

    All compare the interviewee with the other who talks longest: `margin` is (t1 - t2) / (t1 + t2)
    of their speaking times, `length` the logarithm of the ratio of their mean turns, `questions` the
    surplus of the other's questions over the interviewee's, as a share.
    """

    margin: float
    length: float
    questions: float

    @property
    def confidence(self) -> float:
        """The probability that the roles are right, by a logistic function.

        Its weights were set by hand, not fitted, for want of press conferences with known roles: 70 to 30
        of the time, with turns twice as long, gives 0.97; equal times and turns give 0.5; somebody
        who talks longest but asks most of the questions comes out below that.
        """
        score = 6.5 * self.margin + 1.2 * self.length + 2.5 * self.questions
        return 1 / (1 + math.exp(-score))


def assign_roles(diarization: Diarization) -> Roles:
    """The speaker with the longest cumulative speaking time is the interviewee, all others interviewers.

    Equal times go to the speaker who appeared first. One speaker alone is the interviewee, with a
    confidence of 0.5: nothing speaks for it. The confidence is of times and turns alone; `judged`
    takes the words into account.

    Raises:
        BackendError: If nobody speaks.
    """
    seconds = {speaker.speaker: speaker.seconds for speaker in diarization.speakers}
    if not seconds:
        raise BackendError("the diarization found no speaker", "listen to the recording: there may be no speech in it")
    ranked = sorted(seconds, key=lambda name: (-seconds[name], name))
    roles: dict[str, Role] = dict.fromkeys(sorted(seconds), "interviewer")
    roles[ranked[0]] = "interviewee"
    found = Roles(roles, 0.0, LONGEST, {name: seconds[name] for name in sorted(seconds)})
    return replace(found, confidence=_confidence(found, _evidence(found, diarization, ())))


def judged(roles: Roles, diarization: Diarization, alignment: Alignment) -> Roles:
    """The roles with a confidence in which the words count too, and the reasons to doubt them.

    What a person has set is not doubted.
    """
    if any(fix.kind == "roles" and fix.applied for fix in roles.corrections):
        return roles
    evidence = _evidence(roles, diarization, alignment.utterances)
    reasons = tuple(_reasons(roles, diarization, alignment.utterances, evidence))
    return replace(roles, confidence=_confidence(roles, evidence), reasons=reasons)


def is_question(text: str) -> bool:
    """Whether an utterance asks something, with or without punctuation.

    >>> is_question("and how do you feel now"), is_question("I know how it feels")
    (True, False)
    """
    return _QUESTION.search(text.strip()) is not None


def _confidence(roles: Roles, evidence: Evidence) -> float:
    return round(evidence.confidence, 3) if len(roles.roles) > 1 else _ALONE


def _evidence(roles: Roles, diarization: Diarization, utterances: Sequence[Utterance]) -> Evidence:
    mine, rival = _rivals(roles)
    own, other = (roles.seconds.get(name, 0.0) for name in (mine, rival))
    turns = [_mean_turn(diarization, name) for name in (mine, rival)]
    asked, asks = (_questions(utterances, name) for name in (rival, mine))
    length = math.log(turns[0] / turns[1]) if all(turns) else 0.0
    return Evidence(
        (own - other) / (own + other) if own + other > 0 else 0.0,
        min(max(length, -_LENGTH_BOUND), _LENGTH_BOUND),
        (asked - asks) / (asked + asks + _FEW_QUESTIONS),
    )


def _rivals(roles: Roles) -> tuple[str, str]:
    """The interviewee who talks longest, and the longest of the others, who may be it in truth."""
    ranked = sorted(roles.roles, key=lambda name: (-roles.seconds.get(name, 0.0), name))
    mine = next((name for name in ranked if roles.roles[name] == "interviewee"), "")
    return mine, next((name for name in ranked if roles.roles[name] == "interviewer"), "")


def _mean_turn(diarization: Diarization, speaker: str) -> float:
    """Seconds of an uninterrupted turn, on average; 0 where there is none."""
    joined: list[tuple[str, float]] = []
    for turn in diarization.exclusive:
        if joined and joined[-1][0] == turn.speaker:
            joined[-1] = (turn.speaker, joined[-1][1] + turn.duration)
        else:
            joined.append((turn.speaker, turn.duration))
    own = [seconds for name, seconds in joined if name == speaker]
    return sum(own) / len(own) if own else 0.0


def _questions(utterances: Sequence[Utterance], speaker: str) -> int:
    said = (one for one in utterances if one.speaker == speaker)
    return sum(is_question(" ".join(word.word for word in one.words)) for one in said)


def _reasons(roles: Roles, diarization: Diarization, utterances: Sequence[Utterance], evidence: Evidence) -> list[str]:
    """Why a person should look, in words."""
    if len(roles.roles) < 2:
        return ["only one speaker was found"]
    found: list[str] = []
    ranked = sorted(roles.seconds.values(), reverse=True)
    if abs(evidence.margin) < _CLOSE:
        found.append(f"two voices talk about as long ({ranked[0]:.0f} s and {ranked[1]:.0f} s)")
    if evidence.margin < 0:
        found.append("the interviewee is not who talks longest")
    mine, rival = _rivals(roles)
    turns = [_mean_turn(diarization, name) for name in (mine, rival)]
    if all(turns) and turns[0] < turns[1]:
        found.append(f"the interviewee's turns are the shorter ones ({turns[0]:.1f} s, the other's {turns[1]:.1f} s)")
    asked, asks = (_questions(utterances, name) for name in (rival, mine))
    if asks > asked:
        found.append(f"the interviewee asks {asks} of {asked + asks} questions")
    total = sum(ranked)
    if len(ranked) > 2 and ranked[2] > 0.15 * total:
        found.append(f"{len(ranked)} voices, of which the third talks {100 * ranked[2] / total:.0f} % of the time")
    return found
