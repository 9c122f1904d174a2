"""What every card says, whatever the release."""

from __future__ import annotations

from typing import Final

HEAD: Final = """
# {heading}

Recorded interviews: recordings, transcripts, who spoke when, word and phone alignments, and one clip for each segment
of one speaker. Made with imigue-build {version}.

{summary}
"""

WARNING: Final = """\
> **These transcripts are not of research quality.** {which} made by {why}
"""

OVERLAP: Final = (
    "Where overlapped speech is detected, it is in no clip unless `{provenance}` says `clip_overlap`; its words\n"
    'are rows with `"clip": null`.'
)
NO_OVERLAP: Final = "Overlapped speech is not detected: clips may hold it."

USE: Final = """## Files

| file | what |
|---|---|
| `{labels}` | gender, nationality and outcome by interview; empty where nobody labelled |
| `{manifest}` | one JSON object a segment: times, speaker, role, texts, words with times, confidences |
| `ID/ID.wav` | the whole recording: 44.1 kHz, 16 bit, mono |
| `ID/ID.TextGrid`, `ID/ID.words.TextGrid` | for Praat: segments, diarization, overlap, speech; words and phones |
| `ID/ID.raw.txt`, `ID/ID.asr.txt`, `ID/ID.txt` | transcript by segment, the same normalised, and by turn |
| `ID/ID.rttm` | every diarized turn, overlap included |
| `ID/interviewee/`, `ID/interviewer/` | clips `segment_001.wav`, ... with their texts |
| `{dropped}` | what quality filters dropped, and why; there only where filters were on |
| `{provenance}`, `{sums}` | how it was made; check the files with `sha256sum -c {sums}` |

Interviewee is the speaker with the longest speaking time, everybody else is interviewer. {overlap}
All times are seconds from the start of the recording.

A row of `{manifest}`: `video_id`, `role`, `segment_id`, `speaker`, `start`, `end`, `clip` (the WAV, from here), `raw`
and `asr` (text as transcribed, and normalised), `words` (each with `word`, `start`, `end`, `aligned`, `confidence`),
`asr_confidence`, `role_confidence`, `snr_db` (dB), `overlap_s`, `language`, `aligned` (share of its words), `clipping`
(share of its samples at full scale), `words_per_second`, `alignment` (what the aligner says of the fit), `flags`.

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

USES: Final = """## Uses

Meant for research on speech: {labelled}recognition, diarization and alignment of interviews.

- There is no label of emotion.{outcome}
- Split by interviewee, not by interview or segment, where one person gives several interviews; the release does not say
  who does.
- Compare groups of speakers with care: they may be unbalanced, recorded in different rooms, and the recognition of
  accents differs.
- **Not meant for** identifying or tracking people, cloning voices, judging a person's truthfulness, health or
  character, decisions about persons, or any use that the licence does not allow.

## Privacy

Voices are biometric data, and people can be recognised by them. Transcripts name people. Whether those who speak agreed
to be recorded and studied is not known here. Keep the recordings where only those who may have them can reach them, do
not publish clips without permission, and take out what a person asks you to take out.
"""
