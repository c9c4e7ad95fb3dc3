from __future__ import annotations

from typing import TYPE_CHECKING

from bake.builder.look import look
from bake.builder.site import Site
from bake.host import Host
from bake.node import Builder, Node

if TYPE_CHECKING:
    from pathlib import Path


def test_what_does_not_answer_is_no_error_of_the_list(tmp_path: Path) -> None:
    site = Site(Host(home=str(tmp_path)))
    gone = f"unix://{tmp_path}/gone.sock"
    remote = Builder("far", "remote", (Node("far0", gone), Node("far1", gone, driver_opts={"x": "y"})))
    engine = Builder("default", "docker", (Node("default", gone),))
    unknown = Builder("odd", "cloud", (Node("odd0", gone),))
    far, default, odd = look(site, [remote, engine, unknown])
    assert [(one.status, bool(one.error)) for one in far.nodes] == [("inactive", True), ("", True)]
    assert default.error is not None
    assert default.nodes == ()
    assert default.current
    assert default.context
    assert str(odd.nodes[0].error).startswith('failed to find driver "cloud"')
