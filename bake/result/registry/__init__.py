"""Images where they are kept: registries, and OCI layouts in folders.

`Images` gives a `Repository` for a `Location`; what reads, writes and copies images asks that alone.
Credentials go to the registry (and its token server) they are for, and nowhere else.
"""
