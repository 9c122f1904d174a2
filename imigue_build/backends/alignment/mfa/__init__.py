"""Forced alignment with the Montreal Forced Aligner 3 (MFA), an external program that runs on a corpus of files."""

from __future__ import annotations

from imigue_build.backends.alignment.mfa.aligner import MfaAligner

__all__ = ["MfaAligner"]
