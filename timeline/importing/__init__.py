"""Saved responses of the documented endpoint, read into leads and entries: how a team moves over.

`reading` finds the responses in a file, `shapes` understands one, `identity` says which entry is
which, and `importer` has them recorded.
"""
