"""The dataset card: what the release holds, how it was made, how to load, license and cite it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from imigue_build.records import ROLES, Label
from imigue_build.release.layout import DROPPED, MANIFEST, PROVENANCE, SUMS
from imigue_build.release.manifest import InterviewFacts, RoleFacts

LOW_CONFIDENCE: Final = 0.75
"""Below this an interview's roles are named for a person to check."""
_MOST_NAMED: Final = 20
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

_HEAD: Final = """---
pretty_name: iMiGUE-Speech
license: other
license_name: imigue-licence-agreement
language:
{languages}
task_categories:
- automatic-speech-recognition
- audio-classification
tags:
- speech-emotion-recognition
- speaker-diarization
- forced-alignment
- interviews
size_categories:
- {size}
configs:
- config_name: segments
  data_files: {manifest}
---

# iMiGUE-Speech

Spontaneous speech of tennis players and reporters in post-match interviews: recordings, transcripts, who spoke
when, word and phone alignments, and one clip for each segment of one speaker. Built by imigue-build {version}.
"""

_WARNING: Final = """\
> **These transcripts are not of research quality.** {which} made by the embedded recipe (pocketsphinx), which
> needs no GPU and no download and gets about one word in three wrong, without punctuation or case. Use it to try
> things out; report no results on these words. For better ones run the same command with `--config paper` (Whisper on
> a GPU box) or `--config laptop` (Whisper on a CPU; `make laptop` installs it).
"""

_USE: Final = """## Files

| file | what |
|---|---|
| `labels.csv` | gender, nationality and outcome by interview; empty where not known |
| `{manifest}` | one JSON object a segment: times, speaker, role, texts, words with times, confidences |
| `ID/ID.wav` | the whole recording: 44.1 kHz, 16 bit, mono |
| `ID/ID.TextGrid`, `ID/ID.words.TextGrid` | for Praat: segments, diarization, overlap, speech; words and phones |
| `ID/ID.raw.txt`, `ID/ID.asr.txt`, `ID/ID.txt` | transcript by segment, the same normalised, and by turn |
| `ID/ID.rttm` | every diarized turn, overlap included |
| `ID/interviewee/`, `ID/interviewer/` | clips `segment_001.wav`, ... with their texts |
| `{provenance}`, `{sums}` | how it was made; check the files with `sha256sum -c {sums}` |

Interviewee is the speaker with the longest speaking time, everybody else is interviewer. Overlapped speech is in no
clip unless `{provenance}` says `clip_overlap`; its words are rows with `"clip": null`.

## Loading

```python
import json
import wave

for line in open("{manifest}", encoding="utf-8"):
    segment = json.loads(line)
    if segment["clip"] and segment["role"] == "interviewee":
        with wave.open(segment["clip"]) as clip:
            print(segment["raw"], clip.getnframes() / clip.getframerate())
```

With Hugging Face datasets: `load_dataset("json", data_files="{manifest}")`.
"""

_END: Final = """## Licence

The recordings, and everything made from them, come under the iMiGUE licence agreement: do not pass this release on to
anybody who has not signed it. imigue-build itself is under the MIT licence, which does not extend to the media.

## Citation

```bibtex
@inproceedings{liu2021imigue,
  title     = {{iMiGUE}: An Identity-free Video Dataset for Micro-Gesture Understanding and Emotion Analysis},
  author    = {Liu, Xin and Shi, Henglin and Chen, Haoyu and Yu, Zitong and Li, Xiaobai and Zhao, Guoying},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)},
  pages     = {10631--10642},
  year      = {2021}
}

@inproceedings{kakouros2026imiguespeech,
  title     = {{iMiGUE-Speech}: A Spontaneous Speech Dataset for Affective Analysis},
  author    = {Kakouros, Sofoklis and Kang, Fang and Chen, Haoyu},
  booktitle = {Speech Prosody},
  year      = {2026},
  note      = {arXiv:2602.21464}
}
```
"""


def card(
    facts: Sequence[InterviewFacts],
    labels: Mapping[str, Label],
    provenance: Mapping[str, Any],
    sketchy: Sequence[str],
) -> str:
    """The card as Markdown with the YAML head that dataset hubs read; the same input gives the same text.

    Args:
        facts: Of every interview in the release, sorted by id.
        labels: By id; an interview may be missing.
        provenance: The release's `provenance.json`.
        sketchy: Ids of interviews whose transcripts are not of research quality.
    """
    names = {"manifest": MANIFEST, "provenance": PROVENANCE, "sums": SUMS}
    segments = sum(role.segments for one in facts for role in one.roles.values())
    languages = sorted({one.language for one in facts}) or ["en"]
    parts = [
        _HEAD.format(
            languages="\n".join(f"- {language}" for language in languages),
            size=next((name for limit, name in _SIZES if segments < limit), "n>1M"),
            version=provenance["imigue_build"],
            **names,
        ),
        _warning(facts, sketchy),
        _statistics(facts, labels),
        _to_check(facts),
        _dropped(facts),
        _corrected(facts),
        _USE.format(**names),
        _made(provenance),
        _END,
    ]
    return "\n".join(part for part in parts if part)


def _warning(facts: Sequence[InterviewFacts], sketchy: Sequence[str]) -> str:
    if not sketchy:
        return ""
    some = f"Those of {len(sketchy)} of the {len(facts)} interviews ({_named(sketchy)}) were"
    return _WARNING.format(which="They were" if len(sketchy) == len(facts) else some)


def _statistics(facts: Sequence[InterviewFacts], labels: Mapping[str, Label]) -> str:
    known = [labels[one.video_id] for one in facts if one.video_id in labels]
    outcomes = Counter(label.win_or_lose or "not known" for label in known)
    outcomes["not known"] += len(facts) - len(known)
    confidences = [one.asr_confidence for one in facts if one.asr_confidence is not None]
    lines = {
        "interviews": f"{len(facts):,}",
        "recordings": time_text(sum(one.duration for one in facts)),
        "outcomes": ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()) if count) or "-",
        "overlapped speech": time_text(sum(one.overlap for one in facts)),
        "mean confidence of the transcripts": _mean(confidences),
        "mean confidence of the roles": _mean([one.role_confidence for one in facts]),
        "transcripts with punctuation": f"{sum(one.punctuated for one in facts):,}",
        "transcripts with upper and lower case": f"{sum(one.cased for one in facts):,}",
    }
    return "\n".join(
        [
            "## Statistics\n",
            "| | |\n|---|---|",
            *(f"| {name} | {value} |" for name, value in lines.items()),
            "",
            *_by_role(facts),
            "",
        ]
    )


def _by_role(facts: Sequence[InterviewFacts]) -> list[str]:
    rows: dict[str, Callable[[RoleFacts], str]] = {
        "speakers, summed over interviews": lambda role: f"{role.speakers:,}",
        "speaking time": lambda role: time_text(role.seconds),
        "segments": lambda role: f"{role.segments:,}",
        "time in segments": lambda role: time_text(role.clip_seconds),
        "mean segment": lambda role: f"{role.clip_seconds / role.segments:.1f} s" if role.segments else "-",
        "words": lambda role: f"{role.words:,}",
        "words in segments": lambda role: f"{role.words_in_clips:,}",
        "words that could not be aligned": lambda role: f"{role.unaligned:,}",
    }
    total = [_summed([one.roles[role] for one in facts]) for role in ROLES]
    return [
        f"| | {' | '.join(ROLES)} |",
        "|---|" + "---:|" * len(ROLES),
        *(f"| {name} | {' | '.join(show(role) for role in total)} |" for name, show in rows.items()),
    ]


def _summed(facts: Sequence[RoleFacts]) -> RoleFacts:
    return RoleFacts(
        speakers=sum(one.speakers for one in facts),
        seconds=sum(one.seconds for one in facts),
        segments=sum(one.segments for one in facts),
        clip_seconds=sum(one.clip_seconds for one in facts),
        words=sum(one.words for one in facts),
        words_in_clips=sum(one.words_in_clips for one in facts),
        unaligned=sum(one.unaligned for one in facts),
    )


def _to_check(facts: Sequence[InterviewFacts]) -> str:
    doubtful = sorted((one for one in facts if one.role_confidence < LOW_CONFIDENCE), key=_doubt)
    if not doubtful:
        return ""
    shown = ", ".join(f"{one.video_id} ({one.role_confidence:.2f})" for one in doubtful[:_MOST_NAMED])
    more = f", and {len(doubtful) - _MOST_NAMED} more" if len(doubtful) > _MOST_NAMED else ""
    return (
        f"Roles to check, because the speaking times are close or one speaker is alone (confidence below "
        f"{LOW_CONFIDENCE}): {shown}{more}.\n"
    )


def _dropped(facts: Sequence[InterviewFacts]) -> str:
    """How many segments each filter dropped; one that several dropped counts for each."""
    if not any(one.filtered for one in facts):
        return ""
    rows = [row for one in facts for row in one.dropped]
    why = Counter(cause(reason) for row in rows for reason in row.reason.split("; "))
    causes = ", ".join(f"{count:,} for {name}" for name, count in sorted(why.items()))
    return f"Filters dropped {len(rows):,} segments{': ' + causes if causes else ''}; `{DROPPED}` lists them.\n"


def cause(reason: str) -> str:
    """The name of the value that was out of bounds, or the flag."""
    return reason if reason.startswith("flag") else reason.partition(" ")[0]


def _corrected(facts: Sequence[InterviewFacts]) -> str:
    fixes = [fix for one in facts for fix in one.corrections]
    if not fixes:
        return ""
    count = sum(bool(one.corrections) for one in facts)
    lost = sum(not fix.applied for fix in fixes)
    unfit = f"; {lost:,} more no longer fit and were not applied" if lost else ""
    return f"People made {len(fixes) - lost:,} corrections in {count:,} interviews{unfit}; `{PROVENANCE}` lists them.\n"


def _doubt(facts: InterviewFacts) -> tuple[float, str]:
    return facts.role_confidence, facts.video_id


def _made(provenance: Mapping[str, Any]) -> str:
    others = [one for one in provenance["videos"].values() if {"config", "tools", "models"} & one.keys()]
    tools = [f"| {name} | {version} |" for name, version in provenance["tools"].items()]
    models = [
        f"| {one['name']} | {one['revision']} | {'`' + one['sha256'][:12] + '`' if one['sha256'] else '-'} |"
        for one in provenance["models"]
    ]
    lines = ["## How it was made\n"]
    backends = [
        f"{stage} by {settings['backend']}"
        for stage, settings in provenance["config"].items()
        if settings and "backend" in settings
    ]
    if backends:
        lines.append(f"{', '.join(backends)}. Every setting is in `{PROVENANCE}`.\n")
    if others:
        of_all = f"{len(others):,} of the {len(provenance['videos']):,} interviews"
        lines.append(f"For {of_all} other settings or tools were used; `{PROVENANCE}` names them.\n")
    if tools:
        lines += ["| tool | version |", "|---|---|", *tools, ""]
    if models:
        lines += ["| model | revision | sha256 |", "|---|---|---|", *models, ""]
    return "\n".join(lines)


def _named(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_MOST_NAMED]) + (", ..." if len(ids) > _MOST_NAMED else "")


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.2f}" if values else "-"


def time_text(seconds: float) -> str:
    """A duration for people: `34.1 h`, `12 min 4 s`, `8 s`."""
    if seconds >= 2 * 3600:
        return f"{seconds / 3600:.1f} h"
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
