"""The release as a whole, in the figures of its overview, gathered interview by interview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imigue_build.apps.report.charts import Histogram, Tally, histogram, tallies
from imigue_build.apps.report.interview import InterviewView
from imigue_build.apps.report.page_data import place
from imigue_build.backends.registry import registry
from imigue_build.config import STAGE_OF
from imigue_build.core.records import ROLES, Label, Role
from imigue_build.release.reader import Provenance
from imigue_build.release.reader.composition import (
    NOT_LABELLED,
    RoleFigures,
    SegmentFigures,
    drop_causes,
    outcomes,
    overlap_seconds,
    overlap_text,
    summed,
)


class Line(NamedTuple):
    """An interview in the table; seconds, shares and confidences, None where not known;
    gestures, None where nobody labelled any."""

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
    gestures: int | None
    review: str


@dataclass
class Overview:
    """What is gathered for the overview.

    Attributes:
        lines: The table.
        failed: Which interviews have no page, and why.
        texts: By interview the start (seconds) and the text of each passage.
        places: By interview where the browser keeps the corrections that are made on its page.
        labels: Of the interviews.
        figures: By role, of each interview.
        segments: Figures of all segments with a clip.
        confidences: Of all words that have one.
        drops: How many segments were dropped, by cause.
        gestures: How many, by name.
        overlap: Overlapped speech in seconds, of each interview in which it was detectable.
    """

    lines: list[Line] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    texts: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    figures: dict[Role, list[RoleFigures]] = field(default_factory=lambda: {role: [] for role in ROLES})
    segments: SegmentFigures = field(default_factory=SegmentFigures)
    confidences: list[float] = field(default_factory=list)
    drops: Counter[str] = field(default_factory=Counter)
    gestures: Counter[str] = field(default_factory=Counter)
    overlap: list[float] = field(default_factory=list)

    def add(self, view: InterviewView) -> None:
        """Adds an interview."""
        interview = view.interview
        self.lines.append(_line(view))
        self.texts[interview.video_id] = [
            (segment.start, " ".join(word.word for word in segment.words)) for segment in interview.segments
        ]
        self.places[interview.video_id] = place(interview)
        self.labels.append(interview.label)
        for role in ROLES:
            self.figures[role].append(interview.figures(role))
        for segment in interview.segments:
            self.segments.add(segment)
            self.confidences += [word.confidence for word in segment.words if word.confidence is not None]
        self.drops += drop_causes(interview.dropped)
        self.gestures.update(gesture.name for gesture in view.gestures)
        if interview.detects_overlap:
            self.overlap.append(overlap_seconds(interview.overlap))

    def overlapped(self) -> str:
        """How much overlapped speech there is, as far as it can be detected."""
        return overlap_text(self.overlap, len(self.lines))

    def roles(self) -> dict[Role, RoleFigures]:
        """The roles that somebody has, in figures."""
        found = {role: summed(figures) for role, figures in self.figures.items()}
        return {role: figures for role, figures in found.items() if figures.seconds}

    def histograms(self) -> list[Histogram]:
        """The distributions that there are values of."""
        shares = [line.share for line in self.lines if line.share is not None]
        confidences = [line.role_confidence for line in self.lines if line.role_confidence is not None]
        lengths = [seconds for role in ROLES for seconds in self.segments.seconds[role]]
        measures, unit = self.segments.measures, (0.0, 1.0)
        found = (
            _lengths([line.seconds for line in self.lines]),
            histogram("Share of the interviewee", shares, within=unit),
            histogram("Confidence of the roles", confidences, within=unit),
            histogram("Length of segments", lengths, " s"),
            histogram("Speech rate of segments", measures["words_per_second"], " words/s"),
            histogram("Confidence of words", self.confidences, within=unit),
            histogram("Signal to noise of segments", measures["snr_db"], " dB"),
        )
        return [chart for chart in found if chart is not None]

    def counted(self) -> list[tuple[str, tuple[Tally, ...]]]:
        """The categories that are counted, each with its title."""
        found = (
            ("Outcomes", outcomes(self.labels)),
            ("Segments dropped, by reason", self.drops),
            ("Segments flagged", self.segments.flags),
            ("Micro-gestures", self.gestures),
        )
        return [(title, tallies(counts)) for title, counts in found if counts]


def _line(view: InterviewView) -> Line:
    interview = view.interview
    levels = [segment.snr_db for segment in interview.segments if segment.snr_db is not None]
    about = (interview.label.subject_gender, interview.label.subject_nationality)
    return Line(
        video_id=interview.video_id,
        seconds=interview.duration,
        share=view.share,
        words=len(view.words),
        speakers=len(view.speakers),
        outcome=interview.label.win_or_lose or NOT_LABELLED,
        subject=", ".join(fact for fact in about if fact),
        asr_confidence=interview.asr_confidence,
        role_confidence=interview.role_confidence,
        snr_db=sum(levels) / len(levels) if levels else None,
        doubtful=len(view.doubtful),
        gestures=len(view.gestures) or None,
        review=view.review,
    )


def made(provenance: Provenance) -> dict[str, Any]:
    """How the release was made: version, backends, tools, models."""
    backends = [
        (stage, str(settings["backend"]))
        for stage, settings in sorted(provenance.config.items())
        if settings and "backend" in settings
    ]
    return {
        "version": provenance.imigue_build,
        "backends": backends,
        "tools": sorted(provenance.tools.items()),
        "models": [(model.name, model.revision, (model.sha256 or "")[:12]) for model in provenance.models],
        "unfit": _unfit(dict(backends).get(STAGE_OF["asr"], "")),
    }


def _unfit(backend: str) -> str:
    """Why an ASR backend's transcripts are not of research quality; empty where they are."""
    spec = registry().find("asr", backend)
    return spec.quality.unfit if spec is not None else ""


def _lengths(seconds: Sequence[float]) -> Histogram | None:
    if max(seconds, default=0.0) < 180:
        return histogram("Length of interviews", seconds, " s")
    return histogram("Length of interviews", [length / 60 for length in seconds], " min")
