"""The English acoustic model in the pocketsphinx wheel: features, phone likelihoods, decoding of a known text."""
