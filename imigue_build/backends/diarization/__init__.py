"""Diarization backends, one folder each."""
