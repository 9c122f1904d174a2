"""Pages of the commands that take a release, also one that was downloaded."""

from __future__ import annotations

from typing import Final

from imigue_build.cli.pages.page import NOTHING, RUNS, SHARE, WHOLE, Page

PAGES: Final = {
    "validate": Page(
        SHARE,
        "Files, names, times, sums: one line a fault, with the rule that it breaks.",
        (("validate RELEASE", "before it is given away, and after it came"),),
        "a rule is broken",
        '{"ok": BOOL, "faults": [{"path", "rule", "message"}]}',
        interrupted=NOTHING,
    ),
    "gestures": Page(
        SHARE,
        "The release is only read. Labels that cannot be right are told with their row, and the others are paired.",
        (("gestures RELEASE --labels labels_long.csv --out DIR", "iMiGUE's long table, or a folder of its files"),),
        "rows of the labels cannot be used; the others are paired",
        '{"gestures": N, "paired": N, "problems": [{"row", "message", "file", "line", "video_id"}], "interviews": N, '
        '"labelled": N, "warnings": [TEXT], "statistics": {...}}',
        interrupted=WHOLE,
    ),
    "convert": Page(
        SHARE,
        "The release is only read.",
        (
            ("convert RELEASE --to hf --out DIR", "for Hugging Face datasets"),
            ("convert RELEASE --to kaldi --out DIR", "a Kaldi data folder"),
            ("convert RELEASE --to csv --out DIR --splits 0.8,0.1,0.1", "tables, in splits that keep speakers apart"),
        ),
        "an interview cannot be converted; the others are",
        '{"format", "interviews": N, "segments": N, "words": N, "seconds", "splits": {NAME: {...}}, "failed": '
        '{ID: REASON}, "left_out": [ID], "warnings": [TEXT]}',
        interrupted=WHOLE,
    ),
    "diff": Page(
        SHARE,
        "First which settings, tools, models and inputs differ, then what they changed, interview by interview.",
        (("diff RELEASE_A RELEASE_B", "a table"), ("diff RELEASE_A RELEASE_B --html diff.html", "side by side")),
        "they differ, as of diff(1)",
        '{"same": BOOL, "settings": [...], "tools": [...], "models": [...], "inputs": [...], "version": {...}, '
        '"stages": [...], "interviews": {ID: {...}}, ...}',
        interrupted=NOTHING,
    ),
    "reproduce": Page(
        SHARE,
        "Versions of tools and models are held against this machine's first.",
        (
            ("reproduce RELEASE --videos VIDEOS", "in a temporary folder"),
            ("reproduce RELEASE --videos VIDEOS --work WORK", "in a folder that is kept, and gone on with"),
        ),
        "something is not identical, or cannot be built again",
        '{"identical": BOOL, "files": N, "all_files": N, "unlike": [...], "left_out": {ID: REASON}, "diff": as diff '
        "prints}",
        variables=RUNS,
    ),
}
