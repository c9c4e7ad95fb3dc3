"""`Plan` to results: `schedule` decides, `run` does."""
