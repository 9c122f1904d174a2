"""Speaker embeddings of short windows, without torch.

Two kinds, behind one protocol. `resemblyzer`: the GE2E speaker encoder (Wan et al. 2018) whose
weights the Resemblyzer wheel carries; the file is found and read without importing the package,
and mel spectrogram and LSTM are computed in numpy. `builtin`: statistics of cepstra, for when
that wheel is absent; it needs no model and tells voices apart less well.
"""

from __future__ import annotations

import hashlib
import importlib.util
import pickle
from collections import OrderedDict
from importlib import metadata
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, Protocol

from imigue_build.errors import BackendError
from imigue_build.records import ModelRef

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imigue_build.backends.base import Samples

    Features = NDArray[np.float32]  # (frames, channels)
    Embeddings = NDArray[np.float32]  # (windows, size), unit rows

EmbeddingKind = Literal["resemblyzer", "builtin"]

FRAME: Final = 160
"""Samples between two frames of features: 10 ms."""
REMEDY: Final = "`pip install --no-deps resemblyzer==0.1.4` (without its dependencies, which pull torch)"

_FFT: Final = 400
_BATCH: Final = 128
