"""Whisper through whisperx."""
