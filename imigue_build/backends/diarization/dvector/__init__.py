"""Diarization by d-vectors, without torch."""
