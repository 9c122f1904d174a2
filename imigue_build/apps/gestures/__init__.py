"""iMiGUE's micro-gestures beside the speech of a release, on one clock."""

from __future__ import annotations
