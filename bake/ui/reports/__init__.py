"""Reports of a run, after it: a page, JSON, JUnit, Markdown."""
