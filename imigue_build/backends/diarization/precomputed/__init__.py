"""Uses given turns instead of running a model."""
