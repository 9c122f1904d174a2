"""What GPU backends share: torch, memory, batch sizes."""
