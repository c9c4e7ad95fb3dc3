"""`Plan` to results: `schedule` decides, `run` does."""

from bake.engine.attachments import Means
from bake.engine.cancellation import Cancellation
from bake.engine.outcome import Outcome, TargetResult
from bake.engine.run import RunOptions, run
from bake.engine.schedule import Rules

__all__ = ["Cancellation", "Means", "Outcome", "Rules", "RunOptions", "TargetResult", "run"]
