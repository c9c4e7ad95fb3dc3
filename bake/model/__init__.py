"""`Config` to `Definition`: what a bake file means."""
