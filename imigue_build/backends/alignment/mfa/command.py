"""Runs MFA's command line with a time limit, each run in a folder of its own, and interprets its output.

MFA keeps a database and the results of its last run in folders that runs share. Concurrent runs break each other
there, and an interrupted run leaves stale results. So each run gets new folders of its own.
"""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from signal import SIGKILL, SIGTERM
from tempfile import TemporaryDirectory, gettempdir
from time import time
from typing import Final

from imigue_build.backends.alignment.mfa import model_files
from imigue_build.core import programs
from imigue_build.core.errors import BackendError

_PREFIX: Final = "imigue-mfa-"
_LOCK: Final = ".lock"
_MIN_AGE: Final = 60.0  # seconds until an unlocked folder counts as abandoned
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_LINES_KEPT: Final = 400
_MAX_QUOTED: Final = 300  # characters
_VERSION_TIMEOUT: Final = 300.0  # seconds: the first start of a new environment compiles its modules
_DECORATION: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\u2500-\u257f]")
_PROGRESS: Final = re.compile(r"%\|.*\||\bit/s\b|^ERROR conda\.cli")
_ERROR: Final = re.compile(r"\b[A-Za-z.]*(?:Error|Exception|NotFound)\b")
_NOTHING_ALIGNED: Final = re.compile("NoAlignmentsError|no successful alignments")
_BROKEN: Final = re.compile(
    r"ThirdpartyError|ModuleNotFoundError|ImportError|cannot open shared object file|conda dependencies"
    r"|EnvironmentLocationNotFound|EnvironmentNameNotFound|[Nn]ot a conda environment|command not found"
    r"|No such file or directory: '[^'/]+'|Could not find '[^'/]+'"
)
_INVALID_MODELS: Final = re.compile(
    "ModelLoadError|ModelExtensionError|PronunciationAcousticMismatchError|PhoneMismatchError|Dictionary[A-Za-z]*Error"
    "|ReadError: .* is not a zip file"
)
_IGNORED: Final = re.compile(r"(\d+)\s+pronunciations\s+in\s+the\s+dictionary\s+that\s+were\s+ignored")
_USAGE_ERROR: Final = 2  # exit status for an invalid command line or invalid files
_NO_SPACE: Final = re.compile("No space left on device|disk (?:is full|quota)", re.IGNORECASE)
_TOGETHER: Final = "check that align.acoustic_model, align.dictionary and align.g2p_model belong together"
_INSTALL: Final = "conda env create -f configs/mfa-environment.yml, then set align.launcher as that file says"


class SetupError(BackendError):
    """A failure that no interview causes: another run would fail as well."""


class MfaMissingError(SetupError):
    """MFA, or a part of it, is not installed."""


class NothingAlignedError(BackendError):
    """A run in which MFA aligned no utterance, which it reports as an error."""


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A private folder for one run, removed afterwards, also if this process is killed.

    What is left even so, as when the machine stops, the next run removes: its lock is no longer held.
    """
    from filelock import FileLock

    for lock_path in Path(gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        _remove_if_abandoned(lock_path)
    with (
        TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name,
        programs.removed_with_us(Path(name)),
        FileLock(Path(name, _LOCK), timeout=0),
    ):
        yield Path(name).resolve()


def _remove_if_abandoned(lock: Path) -> None:
    """Removes the folder of a lock file that nobody holds, unless it is so new that it may be about to be locked."""
    from filelock import FileLock

    with suppress(OSError):  # a Timeout among them: somebody holds it
        if time() - lock.stat().st_mtime < _MIN_AGE:
            return
        with FileLock(lock, timeout=0):
            rmtree(lock.parent, ignore_errors=True)


def run(launcher: Sequence[str], arguments: Sequence[str | Path], root: Path, timeout: float) -> list[str]:
    """Runs MFA and waits for it, at most `timeout` seconds.

    Args:
        root: A private folder for MFA's own files.

    Returns:
        The last lines of its output.

    Raises:
        SetupError: If it cannot be started, is incomplete, rejects its models, or is killed.
        NothingAlignedError: If it aligned nothing.
        BackendError: If it fails otherwise, or takes longer.
    """
    command = [*launcher, *map(str, arguments)]
    root.mkdir(parents=True, exist_ok=True)
    log = _Tail()
    try:
        status = programs.run(command, environment(launcher, root), timeout, log.add)
    except subprocess.TimeoutExpired:
        said = f"last output: {_quote(log.lines) or 'none'}"
        what = f"MFA did not finish within {timeout:.0f} s, perhaps as one of its processes was killed ({said})"
        remedy = "raise align.timeout, or lower align.interviews; if memory is short, lower align.jobs"
        raise BackendError(what, remedy) from None
    except OSError as error:
        what = f"the Montreal Forced Aligner cannot be started ({launcher[0]}: {error.strerror})"
        raise MfaMissingError(what, _INSTALL) from None
    if status != 0:
        raise _failure(status, log.lines)
    if ignored := _IGNORED.search("\n".join(log.lines)):  # MFA goes on, and takes these words for noise
        what = f"MFA ignored {ignored[1]} pronunciations whose phones the acoustic model lacks"
        raise SetupError(what, _TOGETHER)
    return log.lines


def environment(launcher: Sequence[str], root: Path) -> dict[str, str]:
    """The environment of MFA: no secrets, a root folder, one thread per process and plain output."""
    plain = {"COLUMNS": "1000", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    return model_files.environment(launcher) | plain | dict.fromkeys(_THREADS, "1") | {"MFA_ROOT_DIR": str(root)}


@cache
def version(launcher: tuple[str, ...]) -> str:
    """The version that MFA reports, such as `3.4.3`.

    Raises:
        MfaMissingError: If it does not run.
    """
    with fresh_folder() as folder:
        try:
            lines = run(launcher, ["version"], folder, _VERSION_TIMEOUT)
        except MfaMissingError:
            raise
        except BackendError as error:
            raise MfaMissingError(error.what, _INSTALL) from None
    for line in reversed(lines):
        if match := re.fullmatch(r"(?:.*\s)?v?(\d+\.\d+[\w.+]*)", line):
            return match[1]
    output = _quote(lines) or "nothing"
    raise MfaMissingError(f"{' '.join(launcher)} version reports no version ({output})", _INSTALL)


def is_incomplete(status: int, output: str) -> bool:
    """Whether MFA failed because it, or a part of it, is not installed."""
    return status in (126, 127) or bool(_BROKEN.search(output))


def _failure(status: int, lines: Sequence[str]) -> BackendError:
    text, message = "\n".join(lines), _quote(lines) or f"exit status {status}, and no message"
    if _NOTHING_ALIGNED.search(text):
        return NothingAlignedError("MFA aligned nothing", "raise align.beam and align.retry_beam")
    if is_incomplete(status, text):
        return MfaMissingError(f"the Montreal Forced Aligner does not work on this machine ({message})", _INSTALL)
    if _NO_SPACE.search(text):
        return SetupError(f"MFA ran out of disk space ({message})", f"free some in {gettempdir()}, or set TMPDIR")
    if status == _USAGE_ERROR or _INVALID_MODELS.search(text):
        return SetupError(f"MFA rejects its input ({message})", _TOGETHER)
    number = programs.killed_by(status)
    if number in (SIGKILL, SIGTERM):
        remedy = "the machine may be short of memory: lower align.jobs, or run with fewer --jobs"
        return SetupError(f"MFA was killed (signal {number})", remedy)
    if number is not None:
        remedy = "run `imigue-build doctor`, or align with align.backend: pocketsphinx"
        return BackendError(f"MFA crashed (signal {number}; last output: {message})", remedy)
    remedy = "listen to the recording, or align it with align.backend: pocketsphinx"
    return BackendError(f"MFA failed ({message})", remedy)


def _quote(lines: Sequence[str]) -> str:
    """The last line that names an error and two lines after it; without such a line, the last line."""
    messages = [line for line in lines if not _PROGRESS.search(line)]
    errors = [number for number, line in enumerate(messages) if _ERROR.search(line)]
    quoted = " ".join(messages[errors[-1] : errors[-1] + 3] if errors else messages[-1:])
    return quoted if len(quoted) <= _MAX_QUOTED else quoted[:_MAX_QUOTED] + "..."


class _Tail:
    """Keeps the last lines of an output, without escape sequences."""

    def __init__(self) -> None:
        self._kept: deque[str] = deque(maxlen=_LINES_KEPT)

    def add(self, raw: bytes) -> None:
        """Takes the next line; one that was drawn over itself, as a progress bar is, counts as several."""
        for part in re.split("[\r\n]", raw.decode("utf-8", "replace")):
            if line := _DECORATION.sub("", part).strip():
                self._kept.append(line)

    @property
    def lines(self) -> list[str]:
        return list(self._kept)
