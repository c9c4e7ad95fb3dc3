"""The stages one after the other: what commands and programs call."""
