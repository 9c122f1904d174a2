"""Finding a model on this machine, and getting it there once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imigue_build.config import is_local
from imigue_build.core.errors import BackendError
from imigue_build.models import hub
from imigue_build.models.wants import Located, Progress, Wanted

State = Literal["fetched", "already here", "local, nothing to fetch"]


@dataclass(frozen=True)
class Fetched:
    """A model that is here now, and whether it had to be fetched."""

    wanted: Wanted
    located: Located
    state: State


def locate(wanted: Wanted) -> Located:
    """The model on this machine, whole and as it was fetched. Nothing here uses the network.

    Raises:
        BackendError: If it is not here or not what was fetched, with the command that fetches it.
    """
    return wanted.source.local(wanted) if is_local(wanted.name) else wanted.source.locate(wanted)


def fetch(wanted: Wanted, progress: Progress) -> Fetched:
    """Sees to it that a model is here, whole and pinned; what is already so is left alone.

    With `HF_HUB_OFFLINE=1` nothing is fetched: what is here is verified and pinned.

    Args:
        wanted: The model.
        progress: Gets how far a download is.

    Raises:
        BackendError: If the model cannot be had, or is not what it should be.
        StoreError: If it cannot be written.
    """
    if is_local(wanted.name):
        return Fetched(wanted, locate(wanted), "local, nothing to fetch")
    pinned = wanted.source.pinned(wanted)
    found, fault = _attempt(wanted)
    if found is not None and pinned:
        return Fetched(wanted, found, "already here")
    if hub.offline():
        if fault is not None:
            raise BackendError(fault.what, "HF_HUB_OFFLINE is set: unset it and run the same command online")
        wanted.source.verify(wanted)
        return Fetched(wanted, locate(wanted), "already here")
    wanted.source.fetch(wanted, progress, found is not None)
    now = locate(wanted)
    return Fetched(wanted, now, "already here" if found is not None and found.ref == now.ref else "fetched")


def _attempt(wanted: Wanted) -> tuple[Located | None, BackendError | None]:
    try:
        return locate(wanted), None
    except BackendError as error:
        return None, error
