"""Where scenarios take place: one engine, one registry, one file server; emptied after each build."""

from __future__ import annotations

import functools
import http.client
import http.server
import json
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bake.builder.engine_api import EngineApi
from bake.buildkit.endpoint import parse
from bake.errors import BuilderError
from tests.engine.scenarios import facts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.engine.scenarios.scenario import Scenario
    from tools.engine.registry import Registry

MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
METADATA = "meta.json"


class Server(http.server.ThreadingHTTPServer):
    """Serves `folder` on a loopback port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


@dataclass(frozen=True)
class Done:
    """What a command did, and the facts of what it made."""

    code: int
    stdout: bytes
    stderr: str
    facts: Mapping[str, Any]


@dataclass
class World:
    """`environment` is what both tools get, `served` is the folder behind `server`."""

    environment: Mapping[str, str]
    registry: Registry
    server: str
    served: Path
    buildx: str
    kept: set[str] = field(default_factory=set)
    """Ids of images that no scenario made."""
    furniture: set[str] = field(default_factory=set)
    """Repositories that no scenario made."""

    @property
    def api(self) -> EngineApi:
        return EngineApi(parse(self.environment["DOCKER_HOST"]))

    def filled(self, text: str, folder: Path) -> str:
        """`text` with the addresses of this world."""
        for name, value in (
            ("@registry@", self.registry.address),
            ("@server@", self.server),
            ("@folder@", str(folder)),
        ):
            text = text.replace(name, value)
        return text

    def run(self, program: str, scenario: Scenario, folder: Path) -> Done:
        """Run `scenario` in a fresh `folder`, and put down and take away all that came of it."""
        scenario.write(self, folder)
        before = set(folder.rglob("*"))
        words = [self.filled(one, folder) for one in scenario.words.split()]
        if scenario.builder:
            words.append(f"--builder={scenario.builder}")
        own = {key: self.filled(value, folder) for key, value in scenario.environment.items()}
        done = subprocess.run(
            [program, scenario.command, *words, f"--metadata-file={METADATA}"],
            cwd=folder,
            env={**self.environment, **own},
            input=scenario.stdin,
            capture_output=True,
            check=False,
            timeout=120,
        )
        found = self._facts(folder, before, done.stdout)
        return Done(
            done.returncode, done.stdout, done.stderr.decode(), {"exit code": done.returncode, **found}
        )

    def _facts(self, folder: Path, before: set[Path], stdout: bytes) -> dict[str, Any]:
        volatile: set[str] = set()
        found: dict[str, Any] = {
            "images": self._take_images(volatile),
            "pushed": self._take_pushed(volatile),
            "files": facts.tree(folder, {*before, folder / METADATA}, volatile),
        }
        if (folder / METADATA).exists():
            found["metadata"] = facts.metadata(folder / METADATA)
        if b"\0" in stdout:
            found["stdout"] = facts.archive(stdout, volatile)
        elif stdout:
            found["stdout"] = facts.text(stdout)
        return {key: facts.settled(value, volatile) for key, value in found.items() if value}

    def _take_images(self, volatile: set[str]) -> dict[str, Any]:
        """The images that the engine has got, by their names."""
        found = {}
        for image in self.api.get("/images/json?all=1").json():
            if image["Id"] in self.kept:
                continue
            names = sorted([*(image.get("RepoTags") or []), *(image.get("RepoDigests") or [])])
            found[", ".join(names) or "no name"] = facts.archive(self._saved(image), volatile)
            self.api.call("DELETE", f"/images/{image['Id']}?force=1")
        return found

    def _saved(self, image: Mapping[str, Any]) -> bytes:
        """The image as an archive; odd names are listed that cannot be asked for."""
        for name in image.get("RepoTags") or []:
            with suppress(BuilderError):
                return self.api.get(f"/images/{name}/get").body
        return self.api.get(f"/images/{image['Id']}/get").body

    def _take_pushed(self, volatile: set[str]) -> dict[str, Any]:
        """The images that the registry has got, by their names."""
        found = {}
        for repository in self._registry("/v2/_catalog")[1]["repositories"]:
            if repository in self.furniture:
                continue
            try:
                tags = self._registry(f"/v2/{repository}/tags/list")[1]["tags"] or []
            except http.client.HTTPException:
                continue
            for tag in sorted(tags):
                found[f"{repository}:{tag}"] = self._take(repository, tag, volatile)
        return found

    def _take(self, repository: str, tag: str, volatile: set[str]) -> dict[str, Any]:
        headers, body = self._request("GET", f"/v2/{repository}/manifests/{tag}")

        def read(digest: str) -> bytes:
            if digest == headers["Docker-Content-Digest"]:
                return body
            kinds = ("manifests", "blobs")
            for kind in kinds:
                try:
                    return self._request("GET", f"/v2/{repository}/{kind}/{digest}")[1]
                except http.client.HTTPException:
                    continue
            raise KeyError(digest)

        images = facts.Images(read)
        root = {"mediaType": headers["Content-Type"], "digest": headers["Docker-Content-Digest"]}
        found = images.described(root)
        volatile |= images.volatile
        self._request("DELETE", f"/v2/{repository}/manifests/{headers['Docker-Content-Digest']}")
        return found

    def _registry(self, resource: str) -> tuple[Mapping[str, str], Any]:
        headers, body = self._request("GET", resource)
        return headers, json.loads(body)

    def _request(self, method: str, resource: str) -> tuple[Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection(self.registry.address, timeout=30)
        try:
            connection.request(method, resource, headers={"Accept": MANIFESTS})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status >= 300:
                raise http.client.HTTPException(f"{answer.status} {answer.reason}")
            return dict(answer.headers), body
        finally:
            connection.close()
