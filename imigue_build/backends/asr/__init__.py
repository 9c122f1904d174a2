"""ASR backends, one folder each."""
