"""A real Docker Engine, registry and emulation on a bare Debian machine; see `tools.engine.__main__`."""
