"""Who is the interviewee, by the names in the user's files or by the longest speaking time, and how sure that is.

The stage speakers assigns the roles, with a confidence from times and turns; export, which has the words too,
adds the evidence of who asks the questions by `with_words`: the confidence and the reasons that are released.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from imigue_build.core.errors import BackendError
from imigue_build.core.records import Alignment, Diarization, Role, Roles, Utterance
from imigue_build.stages.naming import NOBODY, NamedRole, NamedRoles

LONGEST: Final = "longest-speaking-time"
NAMED: Final = "named-in-the-file"
NAMED_BY_LABELS: Final = "named-in-the-labels"
"""The player's name is in the labels, and the file gives it to a speaker."""
_NAMED_SCORE: Final = 3.0
"""What names add to the score of the evidence: without any other, they are right with a probability of 0.95."""
_DOUBTED_CONFIDENCE: Final = 0.5
"""The most where names and speaking time contradict each other, so that a person looks."""
_MOMENT: Final = 0.05
"""The share of all speaking time below which a voice without a name is not the interviewee, whoever else is named."""
_ONE_SPEAKER_CONFIDENCE: Final = 0.5
_CLOSE_MARGIN: Final = 0.15
_LENGTH_BOUND: Final = 1.5
_QUESTION_PRIOR: Final = 3
_QUESTION: Final = re.compile(
    r"\?|^(?:(?:and|so|but|well|ok|okay|now)\s+)?(?:"
    r"(?:do|did|does|are|were|can|could|would|will|have|had|has|is|was)(?:n't)?\s+(?:you|your|it)\b"
    r"|(?:how|what|when|where|why|which|who)\b(?:\s+\S+){0,4}?\s+(?:you|your)\b"
    r"|how\s+(?:did|do|does|was|were|is|are|much|many|about)\b|what\s+(?:about|was|were|did|made)\b"
    r"|(?:tell|talk)\s+us\b|can\s+we\b)",
    re.IGNORECASE,
)


class Evidence(NamedTuple):
    """Evidence for the roles: positive supports them, negative contradicts them, 0 is none.

    All compare the interviewee with the interviewer who talks longest: `margin` is (t1 - t2) / (t1 + t2)
    of their speaking times, `length` the logarithm of the ratio of their mean turns, `questions` the
    interviewer's questions minus the interviewee's, as a share of both.
    """

    margin: float
    length: float
    questions: float

    def confidence(self, more: float = 0.0) -> float:
        """The probability that the roles are right, by a logistic function; `more` is added to the score.

        Its weights are set by hand, not fitted, as there are no press conferences with known roles to fit
        them to: 70 to 30 of the time, with turns twice as long, gives 0.97; equal times and turns give 0.5;
        an interviewee who asks most of the questions gives less than that.
        """
        score = 6.5 * self.margin + 1.2 * self.length + 2.5 * self.questions + more
        return 1 / (1 + math.exp(-score))


def assign_roles(diarization: Diarization, named: NamedRoles = NOBODY) -> Roles:
    """The interviewee is who is named so, else the speaker with the longest cumulative speaking time.

    Of several who are named so, it is the name that talks longest, with all speakers who have it. Where interviewers
    alone are named, it is the longest of the others. On equal times it is the speaker who appeared first. A single
    speaker is the interviewee, with a confidence of 0.5, as there is no evidence. The confidence is from names, times
    and turns; `reasons` are contradictions between them.

    Raises:
        BackendError: If nobody speaks.
    """
    seconds = {speaker.speaker: speaker.seconds for speaker in diarization.speakers}
    if not seconds:
        raise BackendError("the diarization found no speaker", "listen to the recording: there may be no speech in it")
    ranked = sorted(seconds, key=lambda name: (-seconds[name], name))
    chosen = _named_interviewees(ranked, seconds, named.roles)
    interviewees = chosen or ranked[:1]
    roles: dict[str, Role] = {
        name: "interviewee" if name in interviewees else "interviewer" for name in sorted(seconds)
    }
    by_labels = any(name in named.roles and named.roles[name].by_labels for name in chosen)
    rule = (NAMED_BY_LABELS if by_labels else NAMED) if chosen else LONGEST
    found = Roles(roles, 0.0, rule, {name: seconds[name] for name in sorted(seconds)}, by_time=ranked[0])
    found = replace(found, reasons=tuple(contradictions(found, named)))
    return replace(found, confidence=_confidence(found, _evidence(found, diarization, ())))


def contradictions(roles: Roles, named: NamedRoles, names: bool = False) -> Iterator[str]:
    """What of the names contradicts the speaking times, or each other; with `names`, the names are quoted.

    Names of people are for the user's eyes: a release has none.
    """

    def shown(speaker: str) -> str:
        return f"{speaker} ({named.names[speaker]!r})" if names and speaker in named.names else speaker

    interviewees = [name for name, role in roles.roles.items() if role == "interviewee"]
    spoken, longest = sum(roles.seconds[name] for name in interviewees), roles.seconds[roles.by_time]
    if roles.by_time not in interviewees and spoken < longest:
        who = f"{' and '.join(map(shown, interviewees))} {'is' if len(interviewees) == 1 else 'are'} the interviewee"
        yield (
            f"the file names the roles: {who}, though {shown(roles.by_time)} talks longer "
            f"({longest:.1f} s against {spoken:.1f} s)"
        )
    said = {own.role for own in named.roles.values()}
    if roles.rule == LONGEST and said == {"interviewer"} and not _others(roles.seconds, named.roles):
        yield (
            "the file names the roles, and all are interviewers: "
            f"{shown(roles.by_time)} talks longest and is taken for the interviewee"
        )
    for speaker in named.disputed:
        yield f"the file names the roles: {shown(speaker)} has another one in the turns than in the transcript"


def _named_interviewees(
    ranked: Sequence[str], seconds: Mapping[str, float], named: Mapping[str, NamedRole]
) -> list[str]:
    """The speakers who are the interviewee by their names, or by those of all others; none where names do not tell."""
    answering = [name for name in ranked if name in named and named[name].role == "interviewee"]
    if 0 < len(answering) < len(ranked):
        spoken: dict[str, float] = {}
        for name in answering:
            spoken[named[name].name] = spoken.get(named[name].name, 0.0) + seconds[name]
        most = max(spoken, key=lambda label: spoken[label])
        return [name for name in answering if named[name].name == most]
    others = _others(seconds, named)
    tells = len(others) == 1 < len(ranked) or others[:1] != ranked[:1]
    return others[:1] if named and not answering and tells else []


def _others(seconds: Mapping[str, float], named: Mapping[str, NamedRole]) -> list[str]:
    """Who has no role by a name and talks for more than a moment, the longest first."""
    least = _MOMENT * sum(seconds.values())
    others = (name for name in seconds if name not in named and seconds[name] >= least)
    return sorted(others, key=lambda name: (-seconds[name], name))


def with_words(roles: Roles, diarization: Diarization, alignment: Alignment) -> Roles:
    """The roles with a confidence from the words as well, and the reasons to doubt them.

    Roles that a person has set stay as they are.
    """
    if roles.by_person:
        return roles
    evidence = _evidence(roles, diarization, alignment.utterances)
    reasons = _reasons(roles, diarization, alignment.utterances, evidence)
    return replace(roles, confidence=_confidence(roles, evidence), reasons=(*roles.reasons, *reasons))


def is_question(text: str) -> bool:
    """Whether an utterance asks something, with or without punctuation.

    >>> is_question("and how do you feel now"), is_question("I know how it feels")
    (True, False)
    """
    return _QUESTION.search(text.strip()) is not None


def _confidence(roles: Roles, evidence: Evidence) -> float:
    if len(roles.roles) < 2:
        return _ONE_SPEAKER_CONFIDENCE
    found = evidence.confidence(0.0 if roles.rule == LONGEST else _NAMED_SCORE)
    return round(min(found, _DOUBTED_CONFIDENCE) if roles.reasons else found, 3)


def _evidence(roles: Roles, diarization: Diarization, utterances: Sequence[Utterance]) -> Evidence:
    pair = _main_speakers(roles)
    first, second = (roles.seconds.get(name, 0.0) for name in pair)
    turns = [_mean_turn(diarization, name) for name in pair]
    by_interviewee, by_interviewer = (_questions(utterances, name) for name in pair)
    length = math.log(turns[0] / turns[1]) if all(turns) else 0.0
    return Evidence(
        (first - second) / (first + second) if first + second > 0 else 0.0,
        min(max(length, -_LENGTH_BOUND), _LENGTH_BOUND),
        (by_interviewer - by_interviewee) / (by_interviewer + by_interviewee + _QUESTION_PRIOR),
    )


def _main_speakers(roles: Roles) -> tuple[str, str]:
    """The interviewee and the interviewer who talk longest; "" where there is none."""
    ranked = sorted(roles.roles, key=lambda name: (-roles.seconds.get(name, 0.0), name))
    interviewee = next((name for name in ranked if roles.roles[name] == "interviewee"), "")
    return interviewee, next((name for name in ranked if roles.roles[name] == "interviewer"), "")


def _mean_turn(diarization: Diarization, speaker: str) -> float:
    """Mean seconds of a speaker's uninterrupted turns; 0 where there are none."""
    joined: list[tuple[str, float]] = []
    for turn in diarization.exclusive:
        if joined and joined[-1][0] == turn.speaker:
            joined[-1] = (turn.speaker, joined[-1][1] + turn.duration)
        else:
            joined.append((turn.speaker, turn.duration))
    own = [seconds for name, seconds in joined if name == speaker]
    return sum(own) / len(own) if own else 0.0


def _questions(utterances: Sequence[Utterance], speaker: str) -> int:
    own = (utterance for utterance in utterances if utterance.speaker == speaker)
    return sum(is_question(" ".join(word.word for word in utterance.words)) for utterance in own)


def _reasons(roles: Roles, diarization: Diarization, utterances: Sequence[Utterance], evidence: Evidence) -> list[str]:
    """Why a person should check the roles, in words."""
    if len(roles.roles) < 2:
        return ["only one speaker was found"]
    found: list[str] = []
    ranked = sorted(roles.seconds.values(), reverse=True)
    if abs(evidence.margin) < _CLOSE_MARGIN:
        found.append(f"two voices talk about as long ({ranked[0]:.0f} s and {ranked[1]:.0f} s)")
    if evidence.margin < 0 and not roles.reasons:
        found.append("the interviewee is not who talks longest")
    pair = _main_speakers(roles)
    turns = [_mean_turn(diarization, name) for name in pair]
    if all(turns) and turns[0] < turns[1]:
        found.append(f"the interviewee's turns are the shorter ones ({turns[0]:.1f} s, the other's {turns[1]:.1f} s)")
    by_interviewee, by_interviewer = (_questions(utterances, name) for name in pair)
    if by_interviewee > by_interviewer:
        found.append(f"the interviewee asks {by_interviewee} of {by_interviewee + by_interviewer} questions")
    total = sum(ranked)
    if len(ranked) > 2 and ranked[2] > 0.15 * total:
        found.append(f"{len(ranked)} voices, of which the third talks {100 * ranked[2] / total:.0f} % of the time")
    return found
