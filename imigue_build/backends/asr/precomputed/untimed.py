"""A transcript from text without times: anchored on the output of an ASR, then force-aligned between pauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imigue_build.backends.asr.precomputed.anchoring import Gap, anchored_tokens, can_be_spoken, gaps
from imigue_build.backends.asr.precomputed.placing import VAD, split_at_pauses, spread
from imigue_build.backends.base import SAMPLE_RATE, Aligner, AlignmentTask
from imigue_build.backends.signal import silero_vad
from imigue_build.core.errors import AnnotationError, ImigueError
from imigue_build.core.intervals import clip, total
from imigue_build.core.records import AlignedWord, Span, Transcript, Utterance, Word
from imigue_build.corpus.annotations.plain import Token
from imigue_build.corpus.annotations.sources import LabelledSpan
from imigue_build.text.normalise import spoken_words_of

if TYPE_CHECKING:
    from imigue_build.backends.base import Samples

_PAUSE: Final = 0.3  # seconds
_MAX_DURATION: Final = 30.0  # seconds of an aligned part
_MAX_SHOWN: Final = 60  # characters


def align_text(path: Path, tokens: Sequence[Token], audio: Samples, asr: Transcript, aligner: Aligner) -> Transcript:
    """The transcript of a text, with descriptions of the parts that could not be aligned.

    Args:
        path: The file of the text, for errors.
        audio: (samples,) 16 kHz, the whole recording.
        asr: The recognised transcript.
        aligner: Finds the exact times of the words.

    Raises:
        AnnotationError: If no word of the text was recognised.
    """
    duration = len(audio) / SAMPLE_RATE
    written = [token.word for token in tokens]
    times = anchored_tokens(written, asr.words)
    if not times:
        message = f"{path}: none of its {len(written)} words was recognised in the recording"
        raise AnnotationError(message, "check that it is this interview's text, in the language of the settings")
    speech = silero_vad.speech_regions(silero_vad.speech_probabilities(audio), duration, VAD)
    words: dict[int, Word] = {index: Word(*times[index], written[index]) for index in times}
    unplaced: list[str] = []
    anchored_lines = {tokens[index].line for index in times}
    for gap in gaps(len(written), times, duration):
        available = total(clip(speech, gap.start, gap.end))
        spoken = list(range(gap.first, gap.last))
        if not can_be_spoken(written[gap.first : gap.last], available):  # drop lines without any anchor
            spoken = [index for index in spoken if tokens[index].line in anchored_lines]
            spoken = spoken if can_be_spoken([written[index] for index in spoken], available) else []
            dropped = [written[index] for index in range(gap.first, gap.last) if index not in spoken]
            unplaced.append(_description(gap, dropped))
        text = " ".join(written[index] for index in spoken)
        words |= dict(zip(spoken, spread(LabelledSpan(gap.start, gap.end, text), speech, duration), strict=True))
    order = sorted(words)
    anchored = [index in times for index in order]
    aligned = _aligned([words[index] for index in order], anchored, audio, asr.language, aligner)
    by_speaker: dict[str | None, list[Word]] = {}
    for index, word in zip(order, _with_marks(aligned), strict=True):
        by_speaker.setdefault(tokens[index].speaker, []).append(word)
    segments = [segment for speaker, own in by_speaker.items() for segment in split_at_pauses(speaker, own)]
    ordered = sorted(segments, key=lambda segment: (segment.start, segment.end))
    return Transcript(asr.language, tuple(ordered), tuple(unplaced))


def _with_marks(words: Sequence[Word]) -> Iterator[Word]:
    """The words; those that are not spoken come at the end of the word before, so that no word gets between them."""
    spoken = spoken_words_of([word.word for word in words])
    time = next((word.start for word, said in zip(words, spoken, strict=True) if said), 0.0)
    for word, said in zip(words, spoken, strict=True):
        yield word if said else Word(time, time, word.word)
        time = word.end if said else time


def _description(gap: Gap, tokens: Sequence[str]) -> str:
    text = " ".join(tokens)
    shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
    return f"{len(tokens)} words from {gap.start:.1f} to {gap.end:.1f} s: {shown!r}"


def _aligned(
    words: Sequence[Word], anchored: Sequence[bool], audio: Samples, language: str, aligner: Aligner
) -> list[Word]:
    """The words with the times of a forced alignment, if it succeeds; in English only.

    Args:
        anchored: For each word whether the ASR recognised it; parts are split at pauses between two such words.
    """
    if language != "en":
        return list(words)
    parts: list[list[Word]] = []
    for index, word in enumerate(words):
        if parts:
            last = parts[-1]
            pause = anchored[index - 1] and anchored[index] and word.start - last[-1].end >= _PAUSE
            if not pause and word.end - last[0].start <= _MAX_DURATION:
                last.append(word)
                continue
        parts.append([word])
    task = AlignmentTask("", language, audio, tuple(map(_utterance, parts)))
    (result,) = aligner.align([task])
    if isinstance(result, ImigueError):
        return list(words)
    return [Word(word.start, word.end, word.word) for utterance in result for word in utterance.words]


def _utterance(words: Sequence[Word]) -> Utterance:
    span = Span(words[0].start, max(word.end for word in words))
    return Utterance(span.start, span.end, "", tuple(AlignedWord(word.start, word.end, word.word) for word in words))
