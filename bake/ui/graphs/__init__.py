"""A definition's graph in words and pictures: text, DOT, Mermaid, SVG, JSON."""
