"""Forced alignment with the Montreal Forced Aligner 3 (MFA), an external program that runs on a corpus of files."""
