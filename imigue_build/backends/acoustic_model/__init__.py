"""The English acoustic model that pocketsphinx's wheel carries: features, phone scores, decoding of a known text."""
