"""The report: a folder of pages to view, hear and search a release, without a network."""

from __future__ import annotations

from imigue_build.apps.report.write import Written, write_report

__all__ = ["Written", "write_report"]
