"""Whisper's text of short stretches of sound, with word times: faster-whisper's parts, put together for many chunks.

Whisper was trained on 30 s at a time, what is shorter padded with silence. Its encoder takes less, and most of the
padding tells the decoder nothing: sound is padded by a second or more, to one of few lengths. Sounds of one length are
decoded together, a few at a time. Each is encoded alone, and what it is decoded with changes no digit of its result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from imigue_build.backends.asr.whisper.words import AlignedText
from imigue_build.backends.base import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.asr.faster_whisper.settings import FasterWhisperTranscribe
    from imigue_build.backends.base import Samples

_FULL_SCALE: Final = 32768
LONGEST: Final = 3000
"""Frames (of 10 ms) of the padded sound at most: 30 s."""
_SHORTEST: Final = 1000
"""Frames at least. What is padded to less, Whisper often says twice, or repeats without end."""
_MARGIN: Final = 100
"""Frames of padding at least."""
_STEP: Final = 250
"""Padded lengths are multiples of so many frames."""
_TOGETHER: Final = 4
"""Sounds that are decoded together at most. The memory grows by 40 MB with each."""
_RANGE: Final = 2.0
"""What lies between the loudest value of a spectrogram and silence."""
_MALLOPT: Final = {-3: 1 << 30, -1: 1 << 30, -8: 1}
"""M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, and M_ARENA_MAX: only the main arena takes blocks above 64 MB."""
_QUOTES: Final = "\"'“¿([{-"  # punctuation that goes with the word after it
_MARKS: Final = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - and with the one before it


class Decoded(NamedTuple):
    """Whisper's text of a sound, the mean log probability of its tokens, and its words, in seconds of the sound."""

    text: str
    log_probability: float
    words: list[AlignedText]


class Decoder:
    """A loaded Whisper that decodes in one language, by beam search.

    Args:
        model: A `faster_whisper.WhisperModel`.
        config: Language, beam size, and what helps with names.
    """

    def __init__(self, model: Any, config: FasterWhisperTranscribe) -> None:
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        self._model = model
        self._tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=config.language
        )
        previous = self._tokenizer.encode(config.initial_prompt) if config.initial_prompt is not None else []
        self._prompt = model.get_prompt(self._tokenizer, previous, without_timestamps=True, hotwords=config.hotwords)
        self._settings = {
            "beam_size": config.beam_size,
            "max_length": model.max_length,
            "suppress_tokens": get_suppressed_tokens(self._tokenizer, [-1]),
            "return_scores": True,
            "sampling_temperature": 0.0,  # above it, words are sampled, from a seed that nothing here sets
        }

    def decode(self, sounds: Sequence[Samples], *, whole: bool = False) -> list[Decoded]:
        """The text of each sound, which depends on no other.

        Args:
            sounds: Of up to 30 s each, (samples,) 16-bit PCM at 16 kHz.
            whole: Pad each to 30 s, as in Whisper's training, whose encoding takes up to seven times as long.
        """
        lengths = [LONGEST if whole else _padded_length(len(sound)) for sound in sounds]
        found: dict[int, Decoded] = {}
        for length in sorted(set(lengths)):
            same = [index for index, other in enumerate(lengths) if other == length]
            for first in range(0, len(same), _TOGETHER):
                group = same[first : first + _TOGETHER]
                found |= zip(group, self._group([sounds[index] for index in group], length), strict=True)
        return [found[index] for index in range(len(sounds))]

    def _group(self, sounds: Sequence[Samples], length: int) -> Iterator[Decoded]:
        """The texts of sounds that are padded to the same length."""
        import numpy as np
        from ctranslate2 import StorageView

        whisper = self._model.model
        encoded = [
            whisper.encode(StorageView.from_array(self._features(sound, length)), to_cpu=len(sounds) > 1)
            for sound in sounds
        ]
        together = (
            StorageView.from_array(np.concatenate([np.asarray(one) for one in encoded]))
            if len(encoded) > 1
            else encoded[0]
        )
        results = whisper.generate(together, [self._prompt] * len(sounds), **self._settings)
        for sound, one, result in zip(sounds, encoded, results, strict=True):
            tokens = result.sequences_ids[0]
            # of the mean that the score is, the end of the text is no part
            log_probability = float(result.scores[0]) * len(tokens) / (len(tokens) + 1)
            yield Decoded(self._tokenizer.decode(tokens), log_probability, self._words(one, tokens, len(sound)))

    def _features(self, sound: Samples, length: int) -> NDArray[np.float32]:
        """The padded log-mel spectrogram, (1, mels, length)."""
        import numpy as np

        mel = self._model.feature_extractor(sound.astype(np.float32) / _FULL_SCALE)[:, :-1]
        padded = np.full((1, len(mel), length), mel.max() - _RANGE, dtype=np.float32)
        padded[0, :, : mel.shape[1]] = mel[:, :length]
        return padded

    def _words(self, encoded: Any, tokens: list[int], samples: int) -> list[AlignedText]:
        """The words with their times by the model's cross-attention."""
        seconds = samples / SAMPLE_RATE
        segment: dict[str, Any] = {"tokens": tokens, "start": 0.0, "end": seconds, "seek": 0}
        frames = min(-(-samples // SAMPLE_RATE) * self._model.frames_per_second, LONGEST)
        self._model.add_word_timestamps([[segment]], self._tokenizer, encoded, [frames], _QUOTES, _MARKS, 0.0)
        return [
            AlignedText(word["word"], float(word["start"]), float(word["end"]), float(word["probability"]))
            for word in segment["words"]
        ]


def keep_freed_memory() -> None:
    """Lets this process keep the memory that it frees, to use it again; to be called before a model is loaded.

    Else glibc gives the tens of megabytes that each layer of the encoder takes back to the system and gets them anew,
    page by page: a quarter of the encoder's time. Other C libraries are left as they are.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for setting, value in _MALLOPT.items():
        mallopt(setting, value)


def _padded_length(samples: int) -> int:
    """Frames of a sound with its padding."""
    frames = -(-samples * 100 // SAMPLE_RATE)
    return min(max(-(-(frames + _MARGIN) // _STEP) * _STEP, _SHORTEST), LONGEST)
