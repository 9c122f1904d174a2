"""Forced alignment with pocketsphinx."""
