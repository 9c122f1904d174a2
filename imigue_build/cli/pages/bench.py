"""Pages of the benchmarks."""

from __future__ import annotations

from typing import Final

from imigue_build.cli.pages.page import BENCHMARKS, Page

_VARIABLES: Final = ("IMIGUE_BUILD_CACHE", "HF_HOME", "CUDA_VISIBLE_DEVICES", "TMPDIR")

PAGES: Final = {
    "bench": Page(
        BENCHMARKS,
        examples=(("bench ser --dataset emodb --root DIR", "speech emotion recognition on EmoDB"),),
    ),
    "bench ser": Page(
        BENCHMARKS,
        "No speaker is in training and test. Features are computed once and kept; runs never download.",
        (
            ("bench ser --dataset emodb --root DIR", "872 statistics of the signal, leave one speaker out"),
            ("bench ser --dataset emodb --root DIR --features speaker --out OUT", "with tables in a folder"),
            (
                "bench ser --dataset release --root RELEASE --labels segments.csv --save-probe probe.npz",
                "a probe for bench affect",
            ),
        ),
        "sounds cannot be used: each is named",
        '{"war", "uar", "war_std", "uar_std", "ci95", "folds": [{"war", "uar", "n"}], "confusion", "labels", '
        '"counts", ...}',
        _VARIABLES,
    ),
    "bench sentiment": Page(
        BENCHMARKS,
        "By VADER, or with --model by a classifier that was fetched.",
        (
            ("bench sentiment texts.csv --text-column T --label-column L", "against labels"),
            ("bench sentiment RELEASE --out OUT", "by segment, interview and outcome"),
        ),
        json='{"accuracy", "macro_f1", "uar", "n", ...}; over a release {"segments", ...}',
        variables=_VARIABLES,
    ),
    "bench outcome": Page(
        BENCHMARKS,
        "No athlete is in training and test, where --subjects says who is who.",
        (
            ("bench outcome RELEASE --subjects labels_long.csv", "from speech, text and both"),
            ("bench outcome RELEASE --from text --split split.csv", "from text alone, in given parts"),
            ("bench outcome RELEASE --gestures DIR", "with what gestures wrote, too"),
        ),
        json='{"accuracy", "uar", "majority", "folds", ...}',
        variables=_VARIABLES,
    ),
    "bench affect": Page(
        BENCHMARKS,
        "The unit of its permutation test is the athlete, where --subjects says who is who.",
        (
            ("bench affect RELEASE --out OUT", "correlates of emotion, with plots"),
            ("bench affect RELEASE --probe probe.npz --subjects labels_long.csv --out OUT", "emotion by a probe"),
        ),
        json='{"dimensions": {NAME: {"win", "lose", "effect", "p"}}, "categories": {...}, ...}',
        variables=_VARIABLES,
    ),
    "bench fetch": Page(
        BENCHMARKS,
        "With the token in HF_TOKEN, where the model is gated.",
        (
            ("bench fetch facebook/wav2vec2-base-960h", "for bench ser --features"),
            ("bench fetch cardiffnlp/twitter-roberta-base-sentiment-latest --text", "for bench sentiment --model"),
        ),
        json='{"kind", "name", "revision", "sha256", "bytes", "state"}',
        variables=("HF_TOKEN", "HF_HOME", "HF_HUB_OFFLINE", "IMIGUE_BUILD_CACHE"),
    ),
}
