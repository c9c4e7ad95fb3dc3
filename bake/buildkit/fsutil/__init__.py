"""Trees of files over a stream: fsutil's patterns, walk, sender and receiver."""
