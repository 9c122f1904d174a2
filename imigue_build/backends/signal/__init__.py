"""Signal processing that several backends share: voice activity, boundaries."""
