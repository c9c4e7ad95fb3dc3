from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bake.engine import Cancellation, Means, Outcome, Rules, RunOptions, run
from bake.errors import CanceledError, ExportError, Failure, SolveError, TimeoutExceeded
from bake.plan.records import Join, Plan
from bake.progress import Event, Note, Phase, SolveStatus, TargetPhase
from bake.solve import Destination, Export, InlineTree, Link, LocalTree, Secret, Solve, SolveKey
from tests.fakes.solver import FakeClient, Script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.client import Client
    from bake.progress import Emit


def key(target: str, node: str = "n") -> SolveKey:
    return SolveKey(f"{target}@{node}")


def solve(target: str, *parents: str, **fields: Any) -> Solve:
    links = tuple(Link(parent, key(parent)) for parent in parents)
    return Solve(**{"key": key(target), "target": target, "node": "n", "links": links, **fields})


def plan_of(*solves: Solve) -> Plan:
    taken = {link.solve for one in solves for link in one.links}
    marked = {one.key: one if one.key not in taken else _linked(one) for one in solves}
    joins: dict[str, Join] = {}
    for one in solves:
        before = joins[one.target].solves if one.target in joins else ()
        joins[one.target] = Join(one.target, (*before, one.key))
    return Plan(marked, joins)


def _linked(one: Solve) -> Solve:
    from dataclasses import replace

    return replace(one, linked=True)


class Listener:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def phases(self, target: str) -> list[Phase]:
        return [
            event.body.phase
            for event in self.events
            if event.target == target and isinstance(event.body, TargetPhase)
        ]


def carry_out(plan: Plan, client: FakeClient, listener: Listener | None = None, **options: Any) -> Outcome:
    cancellation = options.pop("cancellation", None)
    clients = cast("Mapping[str, Client]", {"n": client})
    return run(plan, clients, listener or Listener(), RunOptions(**options), cancellation)


def step_failure() -> SolveError:
    return SolveError("A step failed", failure=Failure.STEP)


def registry_failure() -> SolveError:
    return SolveError("A registry refused", failure=Failure.REGISTRY)


def test_one_solve_is_built_and_its_phases_are_told() -> None:
    client, listener = FakeClient(app=Script(response={"containerimage.digest": "sha256:1"})), Listener()
    outcome = carry_out(plan_of(solve("app")), client, listener)
    assert outcome.results["app"].response == {"containerimage.digest": "sha256:1"}
    assert outcome.errors == {}
    assert listener.phases("app") == [Phase.WAITING, Phase.STARTED, Phase.FINISHED]
    outcome.raise_errors()


def test_statuses_carry_target_and_node() -> None:
    listener = Listener()
    carry_out(plan_of(solve("app"), solve("web")), FakeClient(), listener)
    statuses = {event.target: event for event in listener.events if isinstance(event.body, SolveStatus)}
    assert set(statuses) == {"app", "web"}
    assert statuses["web"].node == "n"
    assert cast("SolveStatus", statuses["web"].body).vertexes[0].name == "step of web"


def test_a_parent_goes_on_when_all_that_link_to_it_have_registered() -> None:
    client = FakeClient()
    outcome = carry_out(plan_of(solve("base"), solve("app", "base"), solve("web", "base")), client)
    assert set(outcome.results) == {"base", "app", "web"}
    release = client.journal.index(("release", "base"))
    for child in ("app", "web"):
        assert client.journal.index(("register", "base")) < client.journal.index(("start", child))
        assert client.journal.index(("register", child)) < release
        assert client.journal.index(("evaluated", "base")) < client.journal.index(("evaluated", child))
        assert client.journal.index(("evaluated", child)) < client.journal.index(("end", "base"))


def test_children_get_the_running_parent_by_context_name() -> None:
    client = FakeClient()
    child = solve("app", links=(Link("alpine", key("base")),))
    carry_out(plan_of(solve("base"), child), client)
    request = next(one for one in client.requests if one.solve.target == "app")
    assert request.inputs["alpine"].ref == "ref-base"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_chain_and_a_fan_get_through_few_slots(jobs: int) -> None:
    chain = [solve("a"), solve("b", "a"), solve("c", "b"), solve("d", "a"), solve("e", "a", "c"), solve("f")]
    outcome = carry_out(plan_of(*chain), FakeClient(), rules=Rules(jobs=jobs))
    assert set(outcome.results) == set("abcdef")


def test_one_job_at_a_time_starts_the_next_after_the_end_of_the_first() -> None:
    client = FakeClient()
    carry_out(plan_of(solve("a"), solve("b")), client, rules=Rules(jobs=1))
    assert client.journal.index(("end", "a")) < client.journal.index(("start", "b"))


def test_the_first_failure_stops_the_rest() -> None:
    client = FakeClient(app=Script([step_failure()]), slow=Script(gate=threading.Event()))
    listener = Listener()
    outcome = carry_out(plan_of(solve("slow"), solve("app"), solve("web", "app")), client, listener)
    assert set(outcome.errors) == {"app"}
    assert outcome.results == {}
    assert listener.phases("slow")[-1] is Phase.CANCELED
    assert "slow" in client.happened("cancel")
    with pytest.raises(SolveError, match="A step failed"):
        outcome.raise_errors()


def test_keep_going_loses_only_those_that_need_the_failed() -> None:
    client = FakeClient(base=Script([step_failure()], phase="register"))
    listener = Listener()
    plan = plan_of(solve("base"), solve("app", "base"), solve("web", "app"), solve("other"))
    outcome = carry_out(plan, client, listener, rules=Rules(keep_going=True))
    assert set(outcome.results) == {"other"}
    assert outcome.skipped == {"app": "base", "web": "base"}
    assert listener.phases("web") == [Phase.WAITING, Phase.SKIPPED]


def test_a_parent_that_fails_while_its_children_wait_takes_them_down() -> None:
    client = FakeClient(base=Script([step_failure()], phase="evaluate"))
    listener = Listener()
    plan = plan_of(solve("base"), solve("app", "base"), solve("other"))
    outcome = carry_out(plan, client, listener, rules=Rules(keep_going=True))
    assert set(outcome.errors) == {"base"}
    assert outcome.skipped == {"app": "base"}
    assert listener.phases("app") == [Phase.WAITING, Phase.STARTED, Phase.SKIPPED]


def test_a_failed_export_does_not_harm_those_that_link() -> None:
    failure = SolveError("The export failed", failure=Failure.EXPORT)
    client = FakeClient(base=Script([failure], phase="export"))
    outcome = carry_out(plan_of(solve("base"), solve("app", "base")), client, rules=Rules(keep_going=True))
    assert set(outcome.errors) == {"base"}
    assert set(outcome.results) == {"app"}


def test_registries_get_another_chance() -> None:
    client = FakeClient(app=Script([registry_failure(), registry_failure()]))
    listener = Listener()
    outcome = carry_out(plan_of(solve("app")), client, listener, rules=Rules(attempts=3, backoff=0.001))
    assert set(outcome.results) == {"app"}
    assert listener.phases("app").count(Phase.RETRYING) == 2
    assert client.happened("start") == ["app", "app", "app"]


def test_a_step_gets_no_other_chance() -> None:
    client = FakeClient(app=Script([step_failure(), None]))
    outcome = carry_out(plan_of(solve("app")), client, rules=Rules(attempts=3, backoff=0.001))
    assert set(outcome.errors) == {"app"}
    assert client.happened("start") == ["app"]


def test_a_parent_that_starts_anew_takes_its_children_along() -> None:
    client = FakeClient(base=Script([registry_failure()], phase="evaluate"))
    plan = plan_of(solve("base"), solve("app", "base"))
    outcome = carry_out(plan, client, rules=Rules(attempts=2, backoff=0.001))
    assert set(outcome.results) == {"base", "app"}
    assert client.happened("start").count("app") == 2


def stopping(listener: Listener, cancellation: Cancellation) -> Emit:
    """A listener that cancels as soon as something is told of a build."""

    def tell(event: Event) -> None:
        listener(event)
        if isinstance(event.body, SolveStatus):
            cancellation.cancel()

    return tell


def test_canceling_stops_what_runs_and_starts_nothing() -> None:
    gate, cancellation = threading.Event(), Cancellation()
    client, listener = FakeClient(app=Script(gate=gate)), Listener()

    outcome = run(
        plan_of(solve("app"), solve("web")),
        cast("Mapping[str, Client]", {"n": client}),
        stopping(listener, cancellation),
        RunOptions(rules=Rules(jobs=1)),
        cancellation,
    )
    assert outcome.canceled
    assert client.happened("start") == ["app"]
    assert listener.phases("app")[-1] is Phase.CANCELED
    with pytest.raises(CanceledError):
        outcome.raise_errors()


def test_an_engine_that_does_not_confirm_a_cancel_is_left_to_itself() -> None:
    gate, cancellation, listener = threading.Event(), Cancellation(), Listener()
    client = FakeClient(app=Script(gate=gate, deaf=True))

    clients = cast("Mapping[str, Client]", {"n": client})
    outcome = run(
        plan_of(solve("app")),
        clients,
        stopping(listener, cancellation),
        RunOptions(rules=Rules(patience=0.0)),
        cancellation,
    )
    assert outcome.canceled
    assert client.happened("end") == []
    gate.set()
    (note,) = [event.body.text for event in listener.events if isinstance(event.body, Note)]
    assert note == "no engine confirmed within 0 s that the build has stopped"


def test_canceled_before_it_began() -> None:
    cancellation, client = Cancellation(), FakeClient(app=Script(gate=threading.Event()))
    cancellation.cancel()
    outcome = carry_out(plan_of(solve("app")), client, cancellation=cancellation)
    assert outcome.canceled
    assert outcome.results == {}


def test_several_solves_of_a_target_are_published_together() -> None:
    seen: list[list[str]] = []

    def publish(join: Join, results: Any) -> Mapping[str, str]:
        seen.append([join.target, *(one.key for one in results)])
        return {"containerimage.digest": "sha256:index"}

    two = [solve("app"), solve("app", key=SolveKey("app@m"))]
    outcome = carry_out(plan_of(*two), FakeClient(), publish=publish)
    assert seen == [["app", "app@n", "app@m"]]
    assert outcome.results["app"].response == {"containerimage.digest": "sha256:index"}
    assert len(outcome.results["app"].solves) == 2


def test_deferred_publishing_waits_for_everything() -> None:
    published: list[str] = []

    def publish(join: Join, _results: Any) -> Mapping[str, str]:
        published.append(join.target)
        return {}

    client = FakeClient(bad=Script([step_failure()]))
    rules = Rules(defer_outputs=True, keep_going=True)
    carry_out(plan_of(solve("good"), solve("bad")), client, rules=rules, publish=publish)
    assert published == []


def test_nothing_is_exported_before_everything_is_built() -> None:
    client = FakeClient()
    plan = plan_of(solve("a"), solve("base"), solve("app", "base"))
    outcome = carry_out(plan, client, rules=Rules(defer_outputs=True, jobs=1))
    assert set(outcome.results) == {"a", "base", "app"}
    exports = [client.journal.index(("export", name)) for name in ("a", "base", "app")]
    assert min(exports) > max(client.journal.index(("evaluated", name)) for name in ("a", "base", "app"))


def test_nothing_is_exported_if_something_could_not_be_built() -> None:
    client, listener = FakeClient(bad=Script([step_failure()])), Listener()
    outcome = carry_out(
        plan_of(solve("good"), solve("bad")),
        client,
        listener,
        rules=Rules(defer_outputs=True, keep_going=True),
    )
    assert client.happened("export") == []
    assert outcome.results == {}
    assert outcome.skipped == {"good": "bad"}
    assert listener.phases("good")[-1] is Phase.SKIPPED


def test_a_call_has_nothing_to_defer() -> None:
    client = FakeClient()
    carry_out(plan_of(solve("a", call="frontend.lint")), client, rules=Rules(defer_outputs=True))
    assert not client.requests[0].held


def test_time_is_up() -> None:
    client, listener = FakeClient(app=Script(gate=threading.Event())), Listener()
    outcome = carry_out(plan_of(solve("app"), solve("web")), client, listener, rules=Rules(timeout=0.01))
    assert isinstance(outcome.errors["app"], TimeoutExceeded)
    assert listener.phases("app")[-1] is Phase.FAILED


def test_each_retry_is_told() -> None:
    listener = Listener()
    client = FakeClient(app=Script([registry_failure()]))
    carry_out(plan_of(solve("app")), client, listener, rules=Rules(attempts=3, backoff=0.1))
    (note,) = [event for event in listener.events if isinstance(event.body, Note)]
    assert note.target == "app"
    assert cast("Note", note.body).text == (
        "`app` is tried again in 0.1 s, attempt 2 of 3: A registry refused"
    )


def test_targets_that_share_a_solve_share_its_result_and_its_phases() -> None:
    plan = plan_of(solve("a"))
    shared = Plan(plan.solves, {**plan.joins, "b": Join("b", (key("a"),))})
    client, listener = FakeClient(), Listener()
    outcome = carry_out(shared, client, listener)
    assert client.happened("start") == ["a"]
    assert outcome.results["b"].solves == outcome.results["a"].solves
    assert listener.phases("b") == listener.phases("a") == [Phase.WAITING, Phase.STARTED, Phase.FINISHED]


def test_targets_that_share_a_solve_share_its_failure() -> None:
    plan = plan_of(solve("a"))
    shared = Plan(plan.solves, {**plan.joins, "b": Join("b", (key("a"),))})
    outcome = carry_out(shared, FakeClient(a=Script([step_failure()])))
    assert outcome.errors["a"] is outcome.errors["b"]


def test_a_failed_publication_is_the_targets_failure() -> None:
    def publish(_join: Join, _results: Any) -> Mapping[str, str]:
        raise ExportError("no registry")

    outcome = carry_out(plan_of(solve("app")), FakeClient(), publish=publish)
    assert set(outcome.errors) == {"app"}
    assert outcome.results == {}


def test_a_bug_in_a_thread_is_raised_here() -> None:
    def publish(_join: Join, _results: Any) -> Mapping[str, str]:
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        carry_out(plan_of(solve("app")), FakeClient(), publish=publish)


def test_folders_of_several_builds_are_served_by_one_session() -> None:
    client = FakeClient()
    here = {"context": LocalTree("/w"), "dockerfile": LocalTree("/w")}
    carry_out(plan_of(solve("a", locals=here), solve("b", locals=here)), client, node_id="id")
    assert len(client.shared) == 1
    for request in client.requests:
        assert request.files == {
            "local-sessionid:context": "sharedid",
            "local-sessionid:dockerfile": "sharedid",
        }
        assert request.methods == {}
        assert cast("Any", request.session) is client.shared[0].first
    assert client.shared[0].first.closed


def test_a_lone_build_serves_its_own_files() -> None:
    client = FakeClient()
    carry_out(plan_of(solve("a", locals={"context": LocalTree("/w")})), client)
    assert client.shared == []
    assert "/moby.filesync.v1.FileSync/DiffCopy" in client.requests[0].methods


def test_an_inline_dockerfile_stays_private() -> None:
    client = FakeClient()
    trees = {"context": LocalTree("/w"), "dockerfile": InlineTree({"Dockerfile": b"FROM scratch"})}
    carry_out(plan_of(solve("a", locals=trees), solve("b", locals=trees)), client)
    assert [set(request.files) for request in client.requests] == [{"local-sessionid:context"}] * 2
    assert all(request.session is None for request in client.requests)


def test_secrets_and_outputs_are_served_to_their_own_build_only() -> None:
    client = FakeClient()
    export = Export("tar", {}, Destination.FILE, "/nowhere/out.tar")
    plan = plan_of(
        solve("a", secrets=(Secret("token", env="TOKEN"),)), solve("b", exports=(export,)), solve("c")
    )
    carry_out(plan, client, means=Means(environment={"TOKEN": "x"}))
    methods = {request.solve.target: set(request.methods) for request in client.requests}
    assert methods == {
        "a": {"/moby.buildkit.secrets.v1.Secrets/GetSecret"},
        "b": {"/moby.filesync.v1.FileSend/DiffCopy"},
        "c": set(),
    }


def test_the_digest_of_the_config_is_hidden_where_it_would_mislead() -> None:
    response = {"containerimage.digest": "sha256:1", "containerimage.config.digest": "sha256:2"}
    export = Export("moby", {"prefer-image-digest": "true"})
    outcome = carry_out(plan_of(solve("app", exports=(export,))), FakeClient(app=Script(response=response)))
    assert outcome.results["app"].response == {"containerimage.digest": "sha256:1"}


def connection_failure() -> SolveError:
    return SolveError("The connection was lost", failure=Failure.CONNECTION)


def on_two_nodes(near: FakeClient, far: FakeClient, listener: Listener) -> Outcome:
    """`app` and its child `web` on the node `far`, `other` on `near`; they can be planned elsewhere."""
    solves = [
        solve("app", key=key("app", "far"), node="far", linked=True),
        solve("web", key=key("web", "far"), node="far", links=(Link("app", key("app", "far")),)),
        solve("other"),
    ]
    plan = replace(plan_of(*solves), elsewhere=lambda _targets, _lost: Plan({}, {}))
    clients = cast("Mapping[str, Client]", {"n": near, "far": far})
    return run(plan, clients, listener, RunOptions(rules=Rules(attempts=3)))


def test_what_is_lost_with_a_node_is_told_apart_from_failures() -> None:
    near, far, listener = FakeClient(), FakeClient(app=Script([connection_failure()])), Listener()
    far.gone = connection_failure()
    outcome = on_two_nodes(near, far, listener)
    assert set(outcome.results) == {"other"}
    assert (outcome.errors, outcome.skipped) == ({}, {})
    assert set(outcome.lost) == {"app", "web"}
    assert outcome.lost_nodes == {"far"}
    assert listener.phases("app")[-1] is Phase.RETRYING
    assert near.happened("cancel") == []


def test_a_broken_connection_to_a_node_that_answers_is_an_ordinary_failure() -> None:
    far = FakeClient(app=Script([connection_failure()] * 3))
    outcome = run(
        replace(
            plan_of(solve("app", node="far", key=key("app", "far"))), elsewhere=lambda _t, _l: Plan({}, {})
        ),
        cast("Mapping[str, Client]", {"n": FakeClient(), "far": far}),
        Listener(),
    )
    assert outcome.lost == {}
    assert set(outcome.errors) == {"app"}
