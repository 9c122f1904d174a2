"""Build the iMiGUE-Speech corpus from interview videos."""

__version__ = "0.1.0"
