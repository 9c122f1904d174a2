"""A transcript from text without times: anchored on what ASR heard, then force-aligned between pauses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.backends.asr.precomputed.anchoring import Gap, fits, gaps, placed_tokens
from imigue_build.backends.asr.precomputed.placing import VAD, segments_of, spread
from imigue_build.backends.base import SAMPLE_RATE, AlignmentTask
from imigue_build.backends.signal import silero_vad
from imigue_build.config import PocketsphinxAlign
from imigue_build.core.errors import AnnotationError, ImigueError
from imigue_build.core.intervals import clip, total
from imigue_build.core.records import AlignedWord, Span, Transcript, Utterance, Word
from imigue_build.corpus.annotations.plain import Token
from imigue_build.corpus.annotations.sources import LabelledSpan

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

_PAUSE: Final = 0.3
_LONGEST: Final = 30.0
_SHOWN: Final = 60
_ALIGN: Final = PocketsphinxAlign(backend="pocketsphinx", passes=1)


def place(path: Path, tokens: Sequence[Token], audio: Samples, heard: Transcript) -> Transcript:
    """The transcript of a text, with what could not be placed in words.

    Args:
        path: Where the text is from, for errors.
        audio: (samples,) 16 kHz, the whole recording.
        heard: What ASR made of it.

    Raises:
        AnnotationError: If nothing of the text was heard.
    """
    duration = len(audio) / SAMPLE_RATE
    written = [token.word for token in tokens]
    times = placed_tokens(written, heard.words)
    if not times:
        what = f"{path}: none of its {len(written)} words was heard in the recording"
        raise AnnotationError(what, "check that it is this interview's text, in the language of the settings")
    speech = silero_vad.speech_regions(silero_vad.speech_probabilities(audio), duration, VAD)
    words: dict[int, Word] = {at: Word(*times[at], written[at]) for at in times}
    unplaced: list[str] = []
    spoken_lines = {tokens[at].line for at in times}
    for gap in gaps(len(written), times, duration):
        room = total(clip(speech, gap.start, gap.end))
        said = list(range(gap.first, gap.last))
        if not fits(written[gap.first : gap.last], room):  # lines of which nothing was heard were not said
            said = [at for at in said if tokens[at].line in spoken_lines]
            said = said if fits([written[at] for at in said], room) else []
            unplaced.append(_said(gap, [written[at] for at in range(gap.first, gap.last) if at not in said]))
        text = " ".join(written[at] for at in said)
        words |= dict(zip(said, spread(LabelledSpan(gap.start, gap.end, text), speech, duration), strict=True))
    order = sorted(words)
    placed = _aligned([words[at] for at in order], [at in times for at in order], audio, heard.language)
    by_speaker: dict[str | None, list[Word]] = {}
    for at, word in zip(order, placed, strict=True):
        by_speaker.setdefault(tokens[at].speaker, []).append(word)
    found = [segment for speaker, own in by_speaker.items() for segment in segments_of(speaker, own)]
    return Transcript(heard.language, tuple(sorted(found, key=lambda one: (one.start, one.end))), tuple(unplaced))


def _said(gap: Gap, tokens: Sequence[str]) -> str:
    text = " ".join(tokens)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return f"{len(tokens)} words from {gap.start:.1f} to {gap.end:.1f} s: {shown!r}"


def _aligned(words: Sequence[Word], known: Sequence[bool], audio: Samples, language: str) -> list[Word]:
    """The words with times of a forced alignment, where one is found; in English only.

    Args:
        known: For each word whether ASR heard it; stretches are cut at pauses between two that it heard.
    """
    if language != "en":
        return list(words)
    from imigue_build.backends import registry

    stretches: list[list[Word]] = []
    for at, word in enumerate(words):
        if stretches:
            last = stretches[-1]
            pause = known[at - 1] and known[at] and word.start - last[-1].end >= _PAUSE
            if not pause and word.end - last[0].start <= _LONGEST:
                last.append(word)
                continue
        stretches.append([word])
    task = AlignmentTask("", language, audio, tuple(map(_utterance, stretches)))
    (found,) = registry.aligner(_ALIGN).align([task])
    if isinstance(found, ImigueError):
        return list(words)
    return [Word(word.start, word.end, word.word) for one in found for word in one.words]


def _utterance(words: Sequence[Word]) -> Utterance:
    span = Span(words[0].start, max(word.end for word in words))
    return Utterance(span.start, span.end, "", tuple(AlignedWord(one.start, one.end, one.word) for one in words))
