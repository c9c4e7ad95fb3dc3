"""What a run's builds may see and nobody else should."""

from __future__ import annotations

from bake.api.hiding import secret_values
from bake.api.library import Plan
from bake.model.target import Definition
from bake.plan import records
from bake.solve import CacheEntry, Secret, Solve, SolveKey
from tests.fakes.planning import machine


def test_values_of_variables_and_files_and_caches_are_found() -> None:
    host = machine({"/k": b"line-one\nline-two\n"}, TOKEN="t0ken", SHORT="abc")
    solve = Solve(
        SolveKey("a"),
        secrets=(
            Secret("a", env="TOKEN"),
            Secret("b", path="/k"),
            Secret("c", path="/gone"),
            Secret("d", env="SHORT"),
        ),
        cache_exports=(CacheEntry("s3", {"secret_access_key": "s3cret", "region": "europe"}),),
    )
    plan = Plan(Definition(), records.Plan({solve.key: solve}, {}))

    assert secret_values(plan, host) == ("t0ken", "line-one\nline-two", "line-one", "line-two", "s3cret")
