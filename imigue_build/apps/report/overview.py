"""The release as a whole, in the numbers of its overview: gathered interview by interview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imigue_build.apps.report.charts import Histogram, Tally, histogram, tallies
from imigue_build.apps.report.interview import Interview
from imigue_build.apps.report.read import Release
from imigue_build.core.intervals import total
from imigue_build.release.build.card.composition import cause


class Line(NamedTuple):
    """An interview in the table; seconds, shares and confidences, None where not known."""

    video_id: str
    seconds: float
    share: float | None
    words: int
    speakers: int
    outcome: str
    subject: str
    asr_confidence: float | None
    role_confidence: float | None
    snr_db: float | None
    doubtful: int
    gestures: int
    review: str


@dataclass
class Overview:
    """What is gathered for the overview; `failed` says which interviews have no page and why."""

    lines: list[Line] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    texts: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)
    flags: Counter[str] = field(default_factory=Counter)
    drops: Counter[str] = field(default_factory=Counter)
    gestures: Counter[str] = field(default_factory=Counter)
    speaking: dict[str, float] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    clips: Counter[str] = field(default_factory=Counter)
    overlap: float = 0.0

    def add(self, one: Interview) -> None:
        """Takes an interview's numbers in."""
        spoken = [item.word for item in one.words]
        confidences = [word.confidence for word in spoken if word.confidence is not None]
        levels = [row.snr_db for row in one.rows if row.snr_db is not None]
        facts = (one.label.subject_gender, one.label.subject_nationality)
        self.lines.append(
            Line(
                one.video_id,
                one.sound.seconds,
                one.share,
                len(spoken),
                len(one.voices),
                one.label.win_or_lose,
                ", ".join(fact for fact in facts if fact),
                _mean(confidences),
                one.role_confidence,
                _mean(levels),
                sum(bool(item.doubt) for item in one.words),
                len(one.gestures),
                one.review,
            )
        )
        self.texts[one.video_id] = [(row.start, " ".join(word.word for word in row.words)) for row in one.rows]
        self._gather("confidence of words", confidences)
        self._gather("signal to noise", levels)
        self._gather("segments", [row.end - row.start for row in one.rows if row.segment_id is not None])
        self._gather("rate", [row.words_per_second for row in one.rows if row.words_per_second is not None])
        for voice in one.voices:
            role = voice.role or "no words"
            self.speaking[role] = self.speaking.get(role, 0.0) + voice.seconds
        for row in one.rows:
            self.words[row.role] += len(row.words)
            self.clips[row.role] += row.segment_id is not None
            self.flags.update(row.flags)
        self.drops.update(cause(reason) for drop in one.dropped for reason in drop.reason.split("; "))
        self.gestures.update(gesture.name for gesture in one.gestures)
        self.overlap += total(one.overlap)

    def _gather(self, name: str, values: Sequence[float]) -> None:
        self.values.setdefault(name, []).extend(values)

    def histograms(self) -> list[Histogram]:
        """The distributions that there are values of."""
        shares = [line.share for line in self.lines if line.share is not None]
        roles = [line.role_confidence for line in self.lines if line.role_confidence is not None]
        unit = (0.0, 1.0)
        found = (
            _lengths([line.seconds for line in self.lines]),
            histogram("Share of the interviewee", shares, within=unit),
            histogram("Confidence of the roles", roles, within=unit),
            histogram("Length of segments", self.values.get("segments", []), " s"),
            histogram("Speech rate of segments", self.values.get("rate", []), " words/s"),
            histogram("Confidence of words", self.values.get("confidence of words", []), within=unit),
            histogram("Signal to noise of segments", self.values.get("signal to noise", []), " dB"),
        )
        return [one for one in found if one is not None]

    def counted(self) -> list[tuple[str, tuple[Tally, ...]]]:
        """The categories that are counted, each with its title."""
        outcomes = Counter(line.outcome or "not known" for line in self.lines)
        found = (
            ("Outcomes", outcomes),
            ("Segments dropped, by reason", self.drops),
            ("Segments flagged", self.flags),
            ("Micro-gestures", self.gestures),
        )
        return [(title, tallies(counts)) for title, counts in found if counts]


def made(release: Release) -> dict[str, Any]:
    """How the release was made, as far as it says: version, backends, tools, models."""
    origin = release.provenance
    backends = [
        (stage, str(settings["backend"]))
        for stage, settings in sorted(origin.config.items())
        if isinstance(settings, Mapping) and "backend" in settings
    ]
    models = [
        (str(one.get("name", "")), str(one.get("revision") or ""), str(one.get("sha256") or "")[:12])
        for one in origin.models
        if isinstance(one, Mapping)
    ]
    return {
        "version": origin.imigue_build,
        "backends": backends,
        "tools": sorted(origin.tools.items()),
        "models": models,
        "low_quality_asr": dict(backends).get("transcribe") == "pocketsphinx",
    }


def _lengths(seconds: Sequence[float]) -> Histogram | None:
    if max(seconds, default=0.0) < 180:
        return histogram("Length of interviews", seconds, " s")
    return histogram("Length of interviews", [one / 60 for one in seconds], " min")


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
