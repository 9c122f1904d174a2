"""What every Whisper backend needs of its text: words, guards."""
