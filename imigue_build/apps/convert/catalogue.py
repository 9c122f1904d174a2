"""The formats by the names that `--to` takes."""

from __future__ import annotations

from typing import Final

from imigue_build.apps.convert.ctm import CTM
from imigue_build.apps.convert.elan import ELAN
from imigue_build.apps.convert.formats import Format
from imigue_build.apps.convert.huggingface import HUGGINGFACE
from imigue_build.apps.convert.kaldi import KALDI
from imigue_build.apps.convert.lhotse import LHOTSE
from imigue_build.apps.convert.nemo import NEMO
from imigue_build.apps.convert.subtitles import SRT, VTT
from imigue_build.apps.convert.tables import CSV, PARQUET

FORMATS: Final[dict[str, Format]] = {
    "hf": HUGGINGFACE,
    "lhotse": LHOTSE,
    "kaldi": KALDI,
    "nemo": NEMO,
    "csv": CSV,
    "parquet": PARQUET,
    "ctm": CTM,
    "srt": SRT,
    "vtt": VTT,
    "eaf": ELAN,
}
