"""The models that a config names: which are here, and what stands between the others and this machine."""

from __future__ import annotations

import shlex

from imigue_build.apps.doctor.check import Check, safely
from imigue_build.config import Config, MfaAlign, is_local
from imigue_build.core.errors import ImigueError
from imigue_build.core.secrets import TOKENS, token
from imigue_build.models import Wanted, locate, wanted
from imigue_build.models.wants import MFA_KINDS


def examine(config: Config, fetch: str) -> list[Check]:
    """The terms and the token where a gated model is still to be fetched, then a check for each model."""
    asked = wanted(config)
    found = [safely(_name(one), lambda one=one: [_model(one, config, fetch)])[0] for one in asked]  # type: ignore[misc]
    gated = [one for one, check in zip(asked, found, strict=True) if not check.ok and _gated(one)]
    return [*(_terms(one, fetch) for one in gated), _token(bool(gated)), *found]


def _name(wanted: Wanted) -> str:
    return f"{wanted.kind} model"


def _model(wanted: Wanted, config: Config, fetch: str) -> Check:
    try:
        found = locate(wanted)
    except ImigueError as error:
        remedy = error.remedy if is_local(wanted.name) else fetch
        if wanted.kind in MFA_KINDS and isinstance(config.align, MfaAlign) and not is_local(wanted.name):
            by_hand = [*config.align.launcher, "model", "download", wanted.kind, wanted.name]
            remedy += f" (or: {shlex.join(by_hand)})"
        return Check(_name(wanted), False, error.what, remedy)
    return Check(_name(wanted), True, f"{found.ref.name}, revision {found.ref.revision}")


def _gated(wanted: Wanted) -> bool:
    """Whether a model's terms must be accepted first; pyannote's pipelines are the ones we name."""
    return wanted.kind == "pyannote" and not is_local(wanted.name) and wanted.name.startswith("pyannote/")


def _terms(wanted: Wanted, fetch: str) -> Check:
    remedy = f"log in and accept them at https://huggingface.co/{wanted.name}, then: {fetch}"
    return Check("terms of use", False, f"those of {wanted.name} must be accepted once, by you", remedy)


def _token(needed: bool) -> Check:
    remedy = f"only gated models of the hub need one: set {TOKENS[0]} to yours"
    if needed:
        remedy = f"make one that may read at https://huggingface.co/settings/tokens, then: export {TOKENS[0]}=..."
    return Check("hub token", token() is not None, "set" if token() else "not set", remedy, needed=needed)
