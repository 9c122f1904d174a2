"""CTM, subtitles and ELAN files as their libraries read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.formats.conftest import Corpus

pytestmark = pytest.mark.formats
VIDEOS = ("0001", "0002")


@pytest.mark.parametrize("role", [None, "interviewee", "interviewer"])
def test_lhotse_finds_every_word_in_a_ctm(
    corpus: Corpus, converted: Callable[..., Path], role: str | None, tmp_path: Path
) -> None:
    from lhotse import SupervisionSegment, SupervisionSet

    whole = SupervisionSet.from_segments(SupervisionSegment(one, one, 0, 10, channel=1) for one in VIDEOS)
    read = whole.with_alignment_from_ctm(converted("ctm") / f"{role or 'words'}.ctm", match_channel=True)
    for one in read:
        found = [(word.symbol, word.start, round(word.end, 3)) for word in one.alignment["word"]]
        assert found == corpus.words(one.recording_id, role)


@pytest.mark.parametrize("video_id", VIDEOS)
def test_pysubs2_finds_every_word_in_srt_within_its_cue(
    corpus: Corpus, converted: Callable[..., Path], video_id: str
) -> None:
    import pysubs2

    cues = pysubs2.load(str(converted("srt") / f"{video_id}.srt"), keep_html_tags=True)
    texts = [cue.text.replace("\\N", " ").removeprefix("INTERVIEWER: ").removeprefix("INTERVIEWEE: ") for cue in cues]
    assert all(len(line) <= 42 for cue in cues for line in cue.text.split("\\N"))
    assert_words(corpus, video_id, [(text, cue.start, cue.end) for text, cue in zip(texts, cues, strict=True)])


@pytest.mark.parametrize("video_id", VIDEOS)
def test_webvtt_finds_every_word_in_vtt_and_who_says_it(
    corpus: Corpus, converted: Callable[..., Path], video_id: str
) -> None:
    import html

    import webvtt

    captions = webvtt.read(str(converted("vtt") / f"{video_id}.vtt"))
    texts = [html.unescape(caption.text).replace("\n", " ") for caption in captions]
    spans = [(milliseconds(one.start), milliseconds(one.end)) for one in captions]
    assert_words(corpus, video_id, [(text, *span) for text, span in zip(texts, spans, strict=True)])
    for caption, text in zip(captions, texts, strict=True):
        known = {word for word, _, _ in corpus.words(video_id, caption.voice.lower())}
        assert set(text.split()) <= known


def milliseconds(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def assert_words(corpus: Corpus, video_id: str, cues: list[tuple[str, int, int]]) -> None:
    """A cue runs from its first word to its last; each word is in one."""
    left = corpus.words(video_id)
    for text, start, end in cues:
        words = text.split()
        first = next(word for word in left if word[0] == words[0] and round(word[1] * 1000) == start)
        mine = [first]
        for word in words[1:]:
            mine.append(next(one for one in left if one[0] == word and one[1] >= mine[-1][2]))
        assert round(mine[-1][2] * 1000) == end
        left = [word for word in left if word not in mine]
    assert not left


@pytest.mark.parametrize("video_id", VIDEOS)
def test_pympi_finds_the_tiers_words_and_phones_in_eaf(
    corpus: Corpus, converted: Callable[..., Path], video_id: str
) -> None:
    from praatio import textgrid
    from pympi import Elan

    eaf = Elan.Eaf(str(converted("eaf") / f"{video_id}.eaf"))
    for role in ("interviewee", "interviewer"):
        words = [(word, start / 1000, end / 1000) for start, end, word in sorted(labels(eaf, f"{role} - words"))]
        assert words == corpus.words(video_id, role)
        rows = [row for row in corpus.rows if row["video_id"] == video_id and row["role"] == role]
        segments = [(start / 1000, end / 1000, text) for start, end, text in labels(eaf, role)]
        assert segments == sorted((row["start"], row["end"], row["raw"]) for row in rows)
        assert eaf.get_parameters_for_tier(f"{role} - words")["PARENT_REF"] == role
        assert eaf.get_parameters_for_tier(f"{role} - phones")["PARENT_REF"] == f"{role} - words"
    for suffix in (".TextGrid", ".words.TextGrid"):
        grid = textgrid.openTextgrid(str(corpus.root / video_id / f"{video_id}{suffix}"), False)
        for name in ("diarization", "overlap", "vad", "interviewee - phones", "interviewer - phones"):
            if name in grid.tierNames:
                theirs = [(round(one.start * 1000), round(one.end * 1000), one.label) for one in grid.getTier(name)]
                assert labels(eaf, name) == theirs
    (media,) = eaf.get_linked_files()
    assert media["MEDIA_URL"] == (corpus.root / video_id / f"{video_id}.wav").as_uri()


def labels(eaf: object, tier: str) -> list[tuple[int, int, str]]:
    return [(start, end, text) for start, end, text in eaf.get_annotation_data_for_tier(tier)]  # type: ignore[attr-defined]
