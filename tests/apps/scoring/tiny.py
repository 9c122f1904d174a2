"""Releases of a few words, written out by hand, for scoring."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.release.tiny_release import PROVENANCE, row, textgrid

Spoken = tuple[str, float, float, str]
"""A released word: speaker, start, end, token."""
Turn = tuple[str, float, float]
"""A turn: speaker, start, end."""
LabelledSpan = tuple[float, float, str]

ROLES = {"SPEAKER_00": "interviewer", "SPEAKER_01": "interviewee"}
DURATION = 60.0


def rttm(video_id: str, turns: Sequence[Turn]) -> str:
    """The lines of an RTTM file."""
    return "".join(
        f"SPEAKER {video_id} 1 {start:.4f} {end - start:.4f} <NA> <NA> {speaker} <NA> <NA>\n"
        for speaker, start, end in turns
    )


def write_release(
    root: Path,
    words: Mapping[str, Sequence[Spoken]],
    turns: Mapping[str, Sequence[Turn]],
    phones: Mapping[str, dict[str, list[LabelledSpan]]] | None = None,
    roles: dict[str, str] | None = None,
) -> Path:
    """A release as far as scoring reads it: a row a word, turns, and phones by role.

    Args:
        words: By interview, as are `turns` and `phones`.
        roles: By speaker; `ROLES` where it is not given.
    """
    rows = []
    for video_id, own in words.items():
        for speaker, start, end, token in own:
            role = (roles or ROLES)[speaker]
            rows.append(row(video_id, role, speaker, None, (start, end), [(start, end, token)], token.lower()))
    root.mkdir(parents=True, exist_ok=True)
    videos = {video_id: {"sha256": "a" * 64, "duration_s": DURATION} for video_id in turns}
    (root / "provenance.json").write_text(json.dumps(PROVENANCE | {"videos": videos}), encoding="utf-8")
    (root / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for video_id, spoken in turns.items():
        folder = root / video_id
        folder.mkdir()
        (folder / f"{video_id}.rttm").write_text(rttm(video_id, spoken), encoding="utf-8")
        tiers = {f"{role} - phones": own for role, own in (phones or {}).get(video_id, {}).items()}
        grid = textgrid(DURATION, tiers or {"interviewee - phones": []})
        (folder / f"{video_id}.words.TextGrid").write_text(grid, encoding="utf-8")
    return root


def write_json(
    path: Path,
    words: Sequence[Spoken],
    turns: Sequence[Turn] = (),
    roles: dict[str, str] | None = None,
    phones: Sequence[Spoken] = (),
) -> Path:
    """A reference in the form of `demo.json`."""

    def objects(spans: Sequence[Spoken], name: str) -> list[dict[str, object]]:
        return [{"speaker": speaker, "start": start, "end": end, name: text} for speaker, start, end, text in spans]

    document = {
        "roles": roles or {},
        "turns": [{"speaker": speaker, "start": start, "end": end} for speaker, start, end in turns],
        "words": objects(words, "word"),
        "phones": objects(phones, "phone"),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
