"""The one definition of a release: its layout, and the types of what its files hold, to be written and to be read.

Nothing here opens a file of a release; `release.build` and `release.reader` do. Reading a text that has not its form
raises `FormatError`.
"""
