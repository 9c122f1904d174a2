"""What every card says, whatever the release."""

from __future__ import annotations

from typing import Final

HEAD: Final = """---
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

{summary}
"""

WARNING: Final = """\
> **These transcripts are not of research quality.** {which} made by {why}
"""

COLLECTION: Final = """## Where the recordings come from

The iMiGUE corpus: 359 videos of post-match press conferences at Grand Slam tennis tournaments, of 72 players (36 women,
36 men, of 28 countries and regions), in English. The players answer reporters' questions after a match that they won or
lost; nobody acted, and nobody was recorded for this corpus. Its authors collected the videos and annotated them by hand
with micro-gestures; from that annotation come gender, nationality and outcome in `{labels}`. iMiGUE-Speech adds
recordings of the speech, transcripts, speakers, roles and alignments, all made automatically by the stages below.

imigue-build makes the same of any interviews. A release holds those whose hashes `{provenance}` lists; where these are
not the videos of iMiGUE, this section, the licence and the citations do not describe them.
"""

USE: Final = """## Files

| file | what |
|---|---|
| `{labels}` | gender, nationality and outcome by interview; empty where not known |
| `{manifest}` | one JSON object a segment: times, speaker, role, texts, words with times, confidences |
| `ID/ID.wav` | the whole recording: 44.1 kHz, 16 bit, mono |
| `ID/ID.TextGrid`, `ID/ID.words.TextGrid` | for Praat: segments, diarization, overlap, speech; words and phones |
| `ID/ID.raw.txt`, `ID/ID.asr.txt`, `ID/ID.txt` | transcript by segment, the same normalised, and by turn |
| `ID/ID.rttm` | every diarized turn, overlap included |
| `ID/interviewee/`, `ID/interviewer/` | clips `segment_001.wav`, ... with their texts |
| `{dropped}` | what quality filters dropped, and why; there only where filters were on |
| `{provenance}`, `{sums}` | how it was made; check the files with `sha256sum -c {sums}` |

Interviewee is the speaker with the longest speaking time, everybody else is interviewer. Overlapped speech is in no
clip unless `{provenance}` says `clip_overlap`; its words are rows with `"clip": null`. All times are seconds from the
start of the recording.

A row of `{manifest}`: `video_id`, `role`, `segment_id`, `speaker`, `start`, `end`, `clip` (the WAV, from here), `raw`
and `asr` (text as recognised, and normalised), `words` (each with `word`, `start`, `end`, `aligned`, `confidence`),
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

END: Final = """## Uses

Meant for research on spontaneous speech and affect: speech emotion recognition, sentiment of transcripts, winners
against losers, speech with micro-gestures, and on speech processing itself (recognition, diarization, alignment).

- There is no label of emotion. The outcome of a match is no emotion: a winner may be sad.
- Split by athlete, not by interview or segment: a player appears in several interviews. iMiGUE's own protocol does so.
- Compare groups (gender, nationality, outcome) with care: they are unbalanced, recorded in different rooms, and the
  recognition of accents differs.
- **Not meant for** identifying or tracking people, cloning voices, judging a person's truthfulness, health or
  character, decisions about persons, or any use that the licence agreement does not name.

## Privacy

Voices are biometric data, and these are voices of people who can be recognised. The players are public figures, at
public press conferences; the reporters are not named, and whether they agreed to be studied is not known. Transcripts
name people. iMiGUE is "identity-free" in its videos; its speech is not. Keep the recordings where only those who signed
can reach them, do not publish clips, and take out what a person asks you to take out.

## Licence

The recordings, and everything made from them, come under the iMiGUE licence agreement: do not pass this release on to
anybody who has not signed it. Access is granted by the authors of iMiGUE and iMiGUE-Speech, who have an agreement for
you to sign; imigue-build grants none and holds no recording. It is itself under the MIT licence, which does not extend
to the media. The models that took part have licences of their own.

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
  note      = {arXiv:2602.21464; accepted, pages not known yet}
}
```
"""
