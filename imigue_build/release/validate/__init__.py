"""The rules that `validate` checks, one module a kind of file; independent of what writes them."""
