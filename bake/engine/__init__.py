"""`Plan` to results: `schedule` decides, `run` does."""

from bake.engine.attachments import Means
from bake.engine.cancellation import Cancellation
from bake.engine.run import Outcome, RunOptions, TargetResult, run
from bake.engine.schedule import Rules

__all__ = ["Cancellation", "Means", "Outcome", "Rules", "RunOptions", "TargetResult", "run"]
