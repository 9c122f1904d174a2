"""Speaker embeddings without torch."""
