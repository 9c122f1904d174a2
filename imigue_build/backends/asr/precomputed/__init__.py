"""Uses given transcripts instead of running a model."""
