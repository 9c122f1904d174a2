"""A release in the formats of other tools, split so that no speaker is on two sides."""

from __future__ import annotations

from imigue_build.apps.convert.run import Converted, Request, convert, summary

__all__ = ["Converted", "Request", "convert", "summary"]
