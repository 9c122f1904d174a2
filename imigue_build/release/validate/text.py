"""Rules about text files: each of them has the words of the manifest."""

from __future__ import annotations

import re
from itertools import zip_longest

from imigue_build.release.schema.layout import clip_files
from imigue_build.release.validate.base import Interview, printed_ms, seconds, shown
from imigue_build.release.validate.manifest import in_time
from imigue_build.release.validate.row import Row, Word

_TURN = re.compile(r"\[(\d+\.\d{3})-(\d+\.\d{3})\] (INTERVIEWEE|INTERVIEWER): (\S+(?: \S+)*)", re.ASCII)
_TURN_EXAMPLE = "[12.340-15.020] INTERVIEWER: text"


def check_lines(interview: Interview, rows: list[Row] | None) -> None:
    """`raw.txt` and `asr.txt` have one line per row, in the manifest's order."""
    files = {interview.files.raw: "raw", interview.files.asr: "asr"}
    for path, kind in files.items():
        lines = interview.tree.read_lines(path, interview.faults)
        if lines is None or rows is None:
            continue
        if len(lines) != len(rows):
            interview.faults.add(path, f"{kind}-lines", f"it has {len(lines)} lines, the manifest {len(rows)} rows")
            continue
        for number, (line, row) in enumerate(zip(lines, rows, strict=True), 1):
            expected = row.raw if kind == "raw" else row.asr
            if line != expected:
                interview.faults.add(
                    path,
                    f"{kind}-lines",
                    f"line {number} is {shown(line)}, the manifest has {shown(expected)}",
                )


def check_segment_texts(interview: Interview, rows: list[Row]) -> None:
    """A clip's text files have its row's texts, each on one line."""
    for row in rows:
        if row.segment_id is None:
            continue
        names = clip_files(row.segment_id)
        for name, expected in ((names.raw, row.raw), (names.asr, row.asr)):
            path = f"{interview.video_id}/{row.role}/{name}"
            lines = interview.tree.read_lines(path, interview.faults)
            if lines is not None and lines != [expected]:
                found = shown(" / ".join(lines))
                interview.faults.add(path, "segment-text", f"it is {found}, the manifest has {shown(expected)}")


def check_transcript(interview: Interview, rows: list[Row] | None, duration: int | None) -> None:
    """The readable transcript: its format, its order, and every word of the rows under its role."""
    path, faults = interview.files.transcript, interview.faults
    lines = interview.tree.read_lines(path, faults)
    if lines is None:
        return
    turns: list[tuple[int, int, str, list[str]]] = []
    for number, line in enumerate(lines, 1):
        match = _TURN.fullmatch(line)
        start, end = (printed_ms(match[1]), printed_ms(match[2])) if match else (None, None)
        if not match or start is None or end is None:
            faults.add(path, "transcript-form", f"line {number} is not like '{_TURN_EXAMPLE}': {shown(line)}")
            continue
        if start >= end or (duration is not None and end > duration + 1):
            faults.add(
                path, "transcript-times", f"line {number} is not an interval within the recording: {shown(line)}"
            )
        if turns and start < turns[-1][0]:
            faults.add(path, "transcript-order", f"line {number} starts before the line above")
            rows = None
        turns.append((start, end, match[3].lower(), match[4].split(" ")))
    if rows is not None and len(turns) == len(lines) and _has_the_words(interview, turns, in_time(rows)):
        _check_spans(interview, turns, in_time(rows))


def _has_the_words(interview: Interview, turns: list[tuple[int, int, str, list[str]]], rows: list[Row]) -> bool:
    path, faults = interview.files.transcript, interview.faults
    found = [(role, token, number) for number, (_, _, role, tokens) in enumerate(turns) for token in tokens]
    expected: list[tuple[str, Word]] = [(row.role, word) for row in rows for word in row.words]
    for number, (written, row_word) in enumerate(zip_longest(found, expected), 1):
        if written is None or row_word is None:
            faults.add(path, "transcript-words", f"it has {len(found)} words, the manifest {len(expected)}")
            return False
        if written[:2] != (row_word[0], row_word[1].word):
            faults.add(
                path,
                "transcript-words",
                f"line {written[2] + 1}: word {number} is {shown(written[1])} of the {written[0]}, "
                f"the manifest has {shown(row_word[1].word)} of the {row_word[0]}",
            )
            return False
        start, end = turns[written[2]][:2]
        if not start <= row_word[1].start <= row_word[1].end <= end:
            faults.add(
                path,
                "transcript-times",
                f"line {written[2] + 1}: {shown(written[1])} at {seconds(row_word[1].start)} is outside the turn",
            )
            return False
    return True


def _check_spans(interview: Interview, turns: list[tuple[int, int, str, list[str]]], rows: list[Row]) -> None:
    """A turn of whole rows begins with the first and ends with the last."""
    starts, ends, position = {}, {}, 0
    for row in (row for row in rows if row.words):
        starts[position] = min(row.start, row.words[0].start)
        position += len(row.words)
        ends[position] = max(row.end, row.words[-1].end)
    position = 0
    for number, (start, end, _, tokens) in enumerate(turns, 1):
        first, last = starts.get(position, start), ends.get(position + len(tokens), end)
        position += len(tokens)
        if start < first or last < end:
            spans = f"{seconds(start)} to {seconds(end)}, its rows are from {seconds(first)} to {seconds(last)}"
            interview.faults.add(interview.files.transcript, "transcript-times", f"line {number} is from {spans}")
            return
