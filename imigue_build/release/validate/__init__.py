"""The rules that `validate` checks, one module per kind of file; independent of the code that writes releases."""
