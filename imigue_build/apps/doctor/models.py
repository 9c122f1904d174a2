"""The models that a config names: which are here, and what stands between the others and this machine."""

from __future__ import annotations

from functools import partial

from imigue_build.backends import registry
from imigue_build.backends.check import Check, safely
from imigue_build.config import Config, is_local
from imigue_build.core.errors import ImigueError
from imigue_build.core.secrets import TOKENS, token
from imigue_build.models import Wanted, locate


def examine(config: Config, fetch: str) -> list[Check]:
    """The terms and the token where a gated model is still to be fetched, then a check for each model."""
    asked = registry.models(config)
    found = [safely(_name(wanted), partial(_model, wanted, fetch))[0] for wanted in asked]
    gated = [wanted for wanted, check in zip(asked, found, strict=True) if not check.ok and _terms_of(wanted)]
    return [*(_terms(wanted, fetch) for wanted in gated), _token(bool(gated)), *found]


def _name(wanted: Wanted) -> str:
    return f"{wanted.kind} model"


def _model(wanted: Wanted, fetch: str) -> list[Check]:
    try:
        found = locate(wanted)
    except ImigueError as error:
        by_hand = "" if is_local(wanted.name) else wanted.source.by_hand(wanted)
        remedy = (error.remedy if is_local(wanted.name) else fetch) + (f" (or: {by_hand})" if by_hand else "")
        return [Check(_name(wanted), False, error.what, remedy)]
    origin = f" from {found.origin}" if found.origin else ""
    digest = f", SHA-256 {found.ref.sha256[:12]}" if found.ref.sha256 else ""
    detail = f"{found.ref.name}, revision {found.ref.revision}{origin}{digest}"
    return [Check(_name(wanted), True, detail)]


def _terms_of(wanted: Wanted) -> str:
    """The page where a model's terms must be accepted first; empty where there are none."""
    return "" if is_local(wanted.name) else wanted.source.terms(wanted)


def _terms(wanted: Wanted, fetch: str) -> Check:
    remedy = f"log in and accept them at {_terms_of(wanted)}, then: {fetch}"
    return Check("terms of use", False, f"those of {wanted.name} must be accepted once, by you", remedy)


def _token(needed: bool) -> Check:
    remedy = f"only gated models of the hub need one: set {TOKENS[0]} to yours"
    if needed:
        remedy = f"make one that may read at https://huggingface.co/settings/tokens, then: export {TOKENS[0]}=..."
    return Check("hub token", token() is not None, "set" if token() else "not set", remedy, needed=needed)
