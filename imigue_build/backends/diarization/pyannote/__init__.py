"""Diarization by pyannote.audio."""
