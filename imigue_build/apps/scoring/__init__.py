"""A release against references: words, speakers, roles and times, by the definitions of `measures.DEFINITIONS`."""
