"""Names to `Source`: lookup, standard input, remote definitions, templates."""
