"""A person's corrections: written, checked against WORK, listed, and taken back."""

from imigue_build.pipeline.override.changes import Changes
from imigue_build.pipeline.override.correct import Corrected, correct
from imigue_build.pipeline.override.fits import Checked
from imigue_build.pipeline.override.folder import Listed, corrections_folder, listed, lost

__all__ = ["Changes", "Checked", "Corrected", "Listed", "correct", "corrections_folder", "listed", "lost"]
