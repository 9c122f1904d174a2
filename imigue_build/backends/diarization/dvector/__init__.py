"""Diarization by clustering d-vectors, without torch."""
