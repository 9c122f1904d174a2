"""Speech recognition with pocketsphinx."""
