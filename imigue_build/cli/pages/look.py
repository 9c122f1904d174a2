"""Pages of the commands that look at what was built, and correct it."""

from __future__ import annotations

from typing import Final

from imigue_build.cli.pages.page import LOOK, NOTHING, WHOLE, Page

PAGES: Final = {
    "status": Page(
        LOOK,
        "Against the settings of the last run: stale is what another video, setting or tool has outdated.",
        (("status --work WORK", "a table interview x stage"),),
        json='{"interviews": {ID: {STAGE: "done|stale|missing|failed"}}}',
        interrupted=NOTHING,
    ),
    "verify": Page(
        LOOK,
        "Runs believe presence, size and times of a file; this reads every byte.",
        (("verify --work WORK", "of every artifact"),),
        "something is damaged",
        '{"ok": BOOL, "damaged": [{"video_id", "stage", "path", "problem"}]}',
        interrupted=NOTHING,
    ),
    "review": Page(
        LOOK,
        "Doubtful are unclear roles, words of little confidence, sound that does not fit its text, and corrections "
        "that fit nothing any more.",
        (("review RELEASE", "a table, worst first"),),
        json='{"items": [{"video_id", "reason", "confidence"}]}',
        interrupted=NOTHING,
    ),
    "report": Page(
        LOOK,
        "The folder opens from disk in a browser. The release is only read.",
        (
            ("report RELEASE", "in RELEASE-report, beside it"),
            ("report RELEASE --out DIR --only 0440", "of one interview, elsewhere"),
            ("report RELEASE --gestures DIR", "with what gestures wrote"),
        ),
        "an interview has no page; the others have",
        '{"page": PATH, "interviews": [ID], "failed": {ID: REASON}}',
        interrupted=WHOLE,
    ),
    "override": Page(
        LOOK,
        "A VOICE is a moment in seconds at which it speaks, or a label such as SPEAKER_01. Corrections are files of "
        "yours, one an interview; what is in one stays, comments too. It is said at once what fits.",
        (
            ("override 0440 --work WORK --swap-roles", "interviewee and interviewer were confused"),
            ("override 0440 --work WORK --word 31.4:Joker:Djokovic", "a word was misheard"),
            ("override 0440 --work WORK --merge 12.5,80.2", "two voices are one person's"),
            ("override 0440 --work WORK --interviewee 12.5", "who the interviewee is"),
            ("override 0440 --work WORK --num-speakers 2", "how many people speak"),
            ('override 0440 --work WORK --drop 61.5-64 --comment "a phone rings"', "seconds that go into no clip"),
        ),
        json='{"path": TEXT, "corrections": [{"text", "applied": BOOL}]}',
    ),
    "score": Page(
        LOOK,
        "REFERENCE is a folder with files named by the interviews' ids. It needs: pip install 'imigue-build[score]'.",
        (("score REFERENCE RELEASE", "a table"), ("score REFERENCE RELEASE --verbose", "with the parts of measures")),
        "an interview cannot be scored; the others are",
        '{"wer", "der", "der_collar_025", "jer", "word_speaker_accuracy", "role_accuracy", "word_boundary": '
        '{"mean_ms", "median_ms", "within_20", "within_50", "within_100"}, "phone_boundary", '
        '"interviews": {ID: the same}}; shares in 0..1, null where no reference is',
        interrupted=NOTHING,
    ),
}
