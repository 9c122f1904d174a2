"""Getting a model onto this machine once, and pinning what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from imigue_build.config import is_local
from imigue_build.core.errors import BackendError
from imigue_build.models import from_hub, from_mfa, hub, pins
from imigue_build.models.locate import Located, locate
from imigue_build.models.progress import Progress
from imigue_build.models.wants import MFA_KINDS, Wanted

State = Literal["fetched", "already here", "local, nothing to fetch"]


@dataclass(frozen=True)
class Fetched:
    """A model that is here now, and whether it had to be fetched."""

    wanted: Wanted
    located: Located
    state: State


def fetch(wanted: Wanted, progress: Progress, launcher: Sequence[str] = ("mfa",)) -> Fetched:
    """Sees to it that a model is here, whole and pinned; what is already so is left alone.

    With `HF_HUB_OFFLINE=1` nothing is fetched: what is here is verified and pinned.

    Args:
        wanted: The model.
        progress: Told how far a download is.
        launcher: How MFA is started; only its own models need it.

    Raises:
        BackendError: If the model cannot be had, or is not what it should be.
        StoreError: If it cannot be written.
    """
    if is_local(wanted.name):
        return Fetched(wanted, locate(wanted), "local, nothing to fetch")
    of_mfa = wanted.kind in MFA_KINDS
    name = wanted.name if of_mfa else hub.repository(wanted.kind, wanted.name)
    found, fault = _look(wanted)
    if found is not None and pins.read(wanted.kind, name, wanted.revision):
        return Fetched(wanted, found, "already here")
    if from_hub.offline():
        if fault is not None:
            raise BackendError(fault.what, "HF_HUB_OFFLINE is set: unset it and run the same command online")
        (from_mfa.pin if of_mfa else from_hub.verify)(wanted)
        return Fetched(wanted, locate(wanted), "already here")
    if of_mfa:
        _from_mfa(wanted, launcher, fault)
    else:
        from_hub.fetch(wanted, progress)
    now = locate(wanted)
    return Fetched(wanted, now, "already here" if found is not None and found.ref == now.ref else "fetched")


def _look(wanted: Wanted) -> tuple[Located | None, BackendError | None]:
    try:
        return locate(wanted), None
    except BackendError as error:
        return None, error


def _from_mfa(wanted: Wanted, launcher: Sequence[str], fault: BackendError | None) -> None:
    if fault is not None:
        from_mfa.fetch(wanted, launcher, again=pins.read(wanted.kind, wanted.name, wanted.revision) is not None)
    from_mfa.pin(wanted)
