"""Events and errors to text."""
