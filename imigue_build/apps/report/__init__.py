"""The report: a folder of pages on which a release can be looked at, listened to and searched, without a network."""

from __future__ import annotations

from imigue_build.apps.report.write import Written, write_report

__all__ = ["Written", "write_report"]
