"""Fetching MFA's models with MFA itself, through the launcher of the config."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from imigue_build.core.errors import BackendError
from imigue_build.core.secrets import scrubbed
from imigue_build.models import mfa, pins
from imigue_build.models.digests import file_digest
from imigue_build.models.wants import Wanted

INSTALL: Final = "conda env create -f configs/mfa-environment.yml, then set align.launcher to how it is started"
_TIMEOUT: Final = 1800.0
_CHROME: Final = " \t│─╭╮╰╯|+-"


def fetch(wanted: Wanted, launcher: Sequence[str], again: bool) -> None:
    """Has MFA download a model; `again` even though one of that name is there.

    Raises:
        BackendError: If MFA cannot be started or has no such model.
    """
    command = [*launcher, "model", "download", wanted.kind, wanted.name, *(["--ignore_cache"] if again else [])]
    code, output = _run(command, mfa.environment(launcher))
    if code != 0 or mfa.find(wanted.kind, wanted.name) is None:
        said = f"exit code {code}: {_gist(output)}" if code else f"it is not in {mfa.root()} afterwards"
        what = f"MFA did not download the {wanted.kind} model {wanted.name} ({said})"
        raise BackendError(what, f"try it by hand: {shlex.join(command)}")


def pin(wanted: Wanted) -> None:
    """Keeps the hash of a model's file."""
    path = mfa.find(wanted.kind, wanted.name)
    if path is not None:
        files = {path.name: file_digest(path)}
        pins.write(pins.Pin(wanted.kind, wanted.name, mfa.version_of(path), files), wanted.revision)


def _run(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and all output of MFA; its whole process group ends with it."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        what = f"MFA cannot be started with {shlex.join(command[:-4])!r} ({(error.strerror or '').lower()})"
        raise BackendError(what, INSTALL) from error
    try:
        output, _ = process.communicate(timeout=_TIMEOUT)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise BackendError(f"MFA's download took over {_TIMEOUT:.0f} s", "run the same command again") from error
        raise
    return process.returncode, output


def _gist(output: str) -> str:
    """The last line that says something, without the frame that MFA draws around it, and no token."""
    lines = [line.strip(_CHROME) for line in output.splitlines()]
    said = next((line for line in reversed(lines) if line), "it says nothing")
    return scrubbed(said)[:300]
