"""MFA's models as a source: single files, downloaded by MFA itself through the launcher of the config."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imigue_build.backends.alignment.mfa import model_files
from imigue_build.backends.check import UNANSWERED, ask
from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef
from imigue_build.core.secrets import scrubbed
from imigue_build.models import REMEDY, Located, Progress, Wanted, pins
from imigue_build.models.digests import combined, file_digest
from imigue_build.models.hub import files_in
from imigue_build.models.wants import absent, check_unchanged
from imigue_build.store.disk import guarded

INSTALL: Final = "conda env create -f configs/mfa-environment.yml, then set align.launcher to how it is started"
_TIMEOUT: Final = 1800.0
_CHROME: Final = " \t│─╭╮╰╯|+-"


@dataclass(frozen=True)
class MfaModel:
    """One kind of MFA's models: a `Source`. MFA itself downloads them, started with `launcher`."""

    kind: str
    launcher: tuple[str, ...] = ("mfa",)

    def local(self, wanted: Wanted) -> Located:
        path = Path(wanted.name).expanduser()
        if not path.exists():
            raise BackendError(f"the {self.kind} model {path} does not exist", "name an existing one")
        model_files.check(self.kind, path)
        title = f"{self.kind} (local)"
        with guarded(f"cannot read {path}"):
            if path.is_file():
                revision = wanted.revision or model_files.version_of(path)
                return Located(path, ModelRef(title, revision, file_digest(path)), path.stat().st_size)
            files = {name: file_digest(path / name) for name in files_in(path)}
            size = sum((path / name).stat().st_size for name in files)
        return Located(path, ModelRef(title, wanted.revision or "local", combined(files)), size)

    def locate(self, wanted: Wanted) -> Located:
        path = model_files.find(self.kind, wanted.name)
        if path is None:
            raise absent(wanted, REMEDY)
        digest = file_digest(path)
        pin = pins.read(self.kind, wanted.name, wanted.revision)
        check_unchanged(wanted, {path.name: pin.files.get(path.name, "")} if pin else {}, {path.name: digest}, REMEDY)
        model_files.check(self.kind, path)
        ref = ModelRef(f"{self.kind} {wanted.name}", model_files.version_of(path), digest)
        return Located(path, ref, path.stat().st_size)

    def pinned(self, wanted: Wanted) -> bool:
        return pins.read(self.kind, wanted.name, wanted.revision) is not None

    def verify(self, wanted: Wanted) -> None:
        """Keeps the hash of a model's file."""
        path = model_files.find(self.kind, wanted.name)
        if path is not None:
            model_files.check(self.kind, path)
            files = {path.name: file_digest(path)}
            pins.write(pins.Pin(self.kind, wanted.name, model_files.version_of(path), files), wanted.revision)

    def fetch(self, wanted: Wanted, progress: Progress, here: bool) -> None:
        """Has MFA download a model that is not here, anew where a changed one of that name is there."""
        if not here:
            self._download(wanted.name, again=self.pinned(wanted))
        self.verify(wanted)

    def by_hand(self, wanted: Wanted) -> str:
        return shlex.join(self._command(wanted.name))

    def terms(self, wanted: Wanted) -> str:
        return ""

    def _command(self, name: str) -> list[str]:
        return [*self.launcher, "model", "download", self.kind, name]

    def _download(self, name: str, again: bool) -> None:
        command = [*self._command(name), *(["--ignore_cache"] if again else [])]
        code, output = _run(command, model_files.environment(self.launcher))
        if code != 0 or model_files.find(self.kind, name) is None:
            said = f"exit code {code}: {_gist(output)}" if code else f"it is not in {model_files.root()} afterwards"
            what = f"MFA did not download the {self.kind} model {name} ({said})"
            raise BackendError(what, f"try it by hand: {shlex.join(command)}")


def _run(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and all output of MFA; its whole process group ends with it."""
    said = ask(command, _TIMEOUT, environment)
    if said.code is not None:
        return said.code, said.output
    if said.output.startswith(UNANSWERED):
        raise BackendError(f"MFA's download took over {_TIMEOUT:.0f} s", "run the same command again")
    raise BackendError(f"MFA cannot be started with {shlex.join(command[:-4])!r} ({said.output})", INSTALL)


def _gist(output: str) -> str:
    """The last line that says something, without the frame that MFA draws around it, and no token."""
    lines = [line.strip(_CHROME) for line in output.splitlines()]
    said = next((line for line in reversed(lines) if line), "it says nothing")
    return scrubbed(said)[:300]
