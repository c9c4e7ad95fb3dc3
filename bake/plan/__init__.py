"""`Definition` to `Plan`: which Solves on which nodes, in which order. Pure."""

from bake.plan.make import make
from bake.plan.records import GitFacts, Join, Plan, PlanOptions

__all__ = ["GitFacts", "Join", "Plan", "PlanOptions", "make"]
