"""`Definition` to `Plan`: what BuildKit will be asked, and on which node."""
