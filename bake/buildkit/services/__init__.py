"""What BuildKit may ask of the client during a session."""
