"""The commands that work on WORK: from a request to its summary."""

from imigue_build.pipeline.prepare import Prepared, prepare
from imigue_build.pipeline.request import COMMANDS, Request, Summary
from imigue_build.pipeline.run import execute, plan
from imigue_build.pipeline.status import lost_corrections, status

__all__ = ["COMMANDS", "Prepared", "Request", "Summary", "execute", "lost_corrections", "plan", "prepare", "status"]
