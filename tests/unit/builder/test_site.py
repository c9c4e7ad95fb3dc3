from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from bake.builder.site import Site
from bake.errors import BakeWarning, BuilderError
from bake.host import Host

if TYPE_CHECKING:
    from pathlib import Path


def site(home: Path, **environment: str) -> Site:
    return Site(Host(environment=environment, home=str(home)))


def configure(home: Path, **config: object) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps(config))


def add_context(home: Path, name: str, host: str, *, skip: bool = False, files: tuple[str, ...] = ()) -> None:
    digest = hashlib.sha256(name.encode()).hexdigest()
    contexts = home / ".docker" / "contexts"
    (contexts / "meta" / digest).mkdir(parents=True)
    meta = {"Name": name, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": skip}}}
    (contexts / "meta" / digest / "meta.json").write_text(json.dumps(meta))
    for file in files:
        (contexts / "tls" / digest / "docker").mkdir(parents=True, exist_ok=True)
        (contexts / "tls" / digest / "docker" / file).write_text("")


def test_without_any_configuration_the_usual_socket_serves(tmp_path: Path) -> None:
    bare = site(tmp_path)
    assert bare.current_context == "default"
    assert bare.endpoint("default").host == "unix:///var/run/docker.sock"
    assert bare.current_endpoint == "unix:///var/run/docker.sock"
    assert bare.contexts() == ["default"]
    assert bare.proxies == {}


def test_which_context_is_current(tmp_path: Path) -> None:
    configure(tmp_path, currentContext="far")
    assert site(tmp_path).current_context == "far"
    assert site(tmp_path, DOCKER_CONTEXT="near").current_context == "near"
    by_host = site(tmp_path, DOCKER_CONTEXT="near", DOCKER_HOST="tcp://h:1")
    assert by_host.current_context == "default"
    assert by_host.current_endpoint == "tcp://h:1"


def test_contexts_and_their_endpoints(tmp_path: Path) -> None:
    add_context(tmp_path, "zeta", "ssh://u@h")
    add_context(tmp_path, "far", "tcp://h:2376", files=("ca.pem", "cert.pem", "key.pem"))
    here = site(tmp_path)
    assert here.contexts() == ["default", "far", "zeta"]
    assert here.endpoint("zeta").host == "ssh://u@h"
    assert here.endpoint("zeta").tls is None
    tls = here.endpoint("far").tls
    assert tls is not None
    assert tls.ca.endswith("/docker/ca.pem")
    assert tls.cert.endswith("/docker/cert.pem")
    assert tls.verify


def test_a_context_may_trust_any_certificate(tmp_path: Path) -> None:
    add_context(tmp_path, "loose", "tcp://h:2376", skip=True)
    tls = site(tmp_path).endpoint("loose").tls
    assert tls is not None
    assert not tls.verify


def test_an_unknown_context_names_the_known(tmp_path: Path) -> None:
    add_context(tmp_path, "far", "tcp://h")
    with pytest.raises(BuilderError, match="`gone` is none of default, far"):
        site(tmp_path).endpoint("gone")


def test_tls_of_the_default_endpoint(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    secured = site(tmp_path, DOCKER_HOST="tcp://h:1", DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=str(tmp_path))
    tls = secured.endpoint("default").tls
    assert tls is not None
    assert (tls.ca, tls.cert, tls.verify) == (str(tmp_path / "ca.pem"), "", True)
    assert site(tmp_path, DOCKER_HOST="tcp://h:1").endpoint("default").tls is None


def test_proxies(tmp_path: Path) -> None:
    configure(
        tmp_path,
        proxies={"default": {"httpProxy": "http://p", "noProxy": ""}, "tcp://h:1": {"ftpProxy": "ftp://f"}},
    )
    assert site(tmp_path).proxies == {"HTTP_PROXY": "http://p"}
    assert site(tmp_path, DOCKER_HOST="tcp://h:1").proxies == {"FTP_PROXY": "ftp://f"}


@pytest.mark.parametrize("damaged", [1, ["a"], {"default": "x"}])
def test_proxies_that_are_none(tmp_path: Path, damaged: object) -> None:
    configure(tmp_path, proxies=damaged)
    assert site(tmp_path).proxies == {}


def test_a_damaged_configuration_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "other"')
    with pytest.warns(BakeWarning, match=r"config\.json:1:27: "):
        assert site(tmp_path, DOCKER_CONFIG=str(tmp_path)).current_context == "default"


def test_the_machines_id_stays(tmp_path: Path) -> None:
    first = site(tmp_path).node_id()
    assert len(first) == 16
    assert site(tmp_path).node_id() == first
    assert (tmp_path / ".docker" / "buildx" / ".buildNodeID").stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_it_there_is_no_id(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert site(tmp_path, BUILDX_CONFIG=str(tmp_path / "file" / "x")).node_id() == ""
