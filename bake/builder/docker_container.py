"""The `docker-container` driver: a BuildKit in a privileged container of a Docker Engine.

`node.endpoint` is a docker context or an Engine's address. The container `buildx_buildkit_NODE` and the
volume `…_state` with its cache go by buildx's names, and are made as buildx makes them
(driver/docker-container, 0.36.1): each of both tools uses, stops and removes the other's.
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bake.builder import container_options, docker
from bake.builder.container_exec import ContainerAddress
from bake.builder.daemon_config import CONFIG, FOLDER
from bake.builder.driver import DEFAULT_LOAD, LATER, Status
from bake.buildkit import endpoint
from bake.errors import BakeError, BuilderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from docker import APIClient

    from bake.builder.container_options import Options
    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.node import Node

BOOTING = "[internal] booting buildkit"
STATE = "/var/lib/buildkit"
TRIES = 15
_PAUSE = 0.12
"""Seconds after the first try, twice that after the second, … as in buildx."""
_LOG_LINES = 20


def container(node: Node) -> str:
    """The container's name."""
    return f"buildx_buildkit_{node.name}"


def volume(node: Node) -> str:
    """The name of the volume with its cache."""
    return f"{container(node)}_state"


def check(node: Node) -> None:
    container_options.parse(node)


def dial(site: Site, node: Node) -> endpoint.Daemon:
    return endpoint.Daemon(ContainerAddress(docker.address(site, node.endpoint), container(node)))


def info(site: Site, node: Node) -> Status:
    from bake.builder.engine_api import NOT_FOUND, EngineApi, RefusedError

    engine = EngineApi(docker.address(site, node.endpoint))
    try:
        state = engine.get(f"/containers/{container(node)}/json").json()["State"]
    except RefusedError as exc:
        if exc.status != NOT_FOUND:
            raise
        return Status.INACTIVE
    return Status.RUNNING if state.get("Running") else Status.STOPPED


def version(site: Site, node: Node) -> str:  # noqa: ARG001
    """Only BuildKits older than 0.11 (2023) do not say it themselves."""
    return ""


def start(site: Site, node: Node, say: Callable[[str], None]) -> None:
    from bake.builder import sdk

    options = container_options.parse(node)
    with sdk.connected(docker.address(site, node.endpoint)) as client:
        try:
            client.inspect_container(container(node))
        except sdk.NotFound:
            _pull(site, client, options.image, say)
            say(f"creating container {container(node)}")
            _create(site, client, node, options)
        else:
            say(f"starting container {container(node)}")
        client.start(container(node))
        _wait(site, client, node)


def _pull(site: Site, client: APIClient, image: str, say: Callable[[str], None]) -> None:
    """Get the image anew; the one that is there serves where that fails."""
    from bake.builder.sdk import APIError

    say(f"pulling image {image}")
    try:
        for line in client.pull(image, stream=True, decode=True, auth_config=_login(site, image)):
            if "error" in line:
                raise BuilderError(f"failed to pull image {image}", detail=str(line["error"]))
    except (APIError, BuilderError) as exc:
        try:
            client.inspect_image(image)  # type: ignore[no-untyped-call]
        except APIError:
            raise _unpulled(image, exc) from exc
        say(f"using local image {image}")


def _unpulled(image: str, exc: Exception) -> BuilderError:
    why = exc.detail if isinstance(exc, BuilderError) else str(getattr(exc, "explanation", None) or exc)
    return BuilderError(
        f"failed to pull image {image}",
        detail=why,
        hint="name another one: --driver-opt image=REGISTRY/IMAGE, or load it into the engine before",
    )


def _login(site: Site, image: str) -> dict[str, str] | None:
    from bake.buildkit.credentials import DOCKER_HUB_HOST, DockerCredentials
    from bake.reference import DEFAULT_DOMAIN, normalize

    try:
        domain = normalize(image).domain
    except ValueError as exc:
        raise BuilderError("invalid image", detail=f"`{image}`: {exc}") from exc
    host = DOCKER_HUB_HOST if domain == DEFAULT_DOMAIN else domain
    found = DockerCredentials(site.folder, site.host.environment).credentials(host)
    if found.identity_token:
        return {"identitytoken": found.identity_token}
    return {"username": found.username, "password": found.password} if found.username else None


def _create(site: Site, client: APIClient, node: Node, options: Options) -> None:
    """Make the container, with its files, if nobody else just did."""
    from docker.types import Mount

    from bake.builder.sdk import APIError

    host: dict[str, Any] = {
        "privileged": True,
        "init": True,
        "restart_policy": dict(options.restart),
        "mounts": [Mount(STATE, volume(node))],
        **options.host,
        **_surroundings(client, options),
    }
    if options.network:
        host["network_mode"] = options.network
    try:
        client.create_container(
            options.image,
            command=_flags(node),
            environment=dict(options.environment),
            host_config=client.create_host_config(**host),
            name=container(node),
        )
    except APIError as exc:
        if exc.status_code != 409:
            raise
        return
    files = {**node.files, **_github(site, options)}
    if files:
        client.put_archive(container(node), posixpath.dirname(FOLDER), archive(files))


def _surroundings(client: APIClient, options: Options) -> dict[str, Any]:
    """What the Engine's own configuration makes necessary or possible."""
    found: dict[str, Any] = {}
    engine = client.info()
    if engine.get("CgroupDriver") == "cgroupfs":
        found["cgroup_parent"] = options.cgroup_parent
    if any("name=userns" in one.split(",") for one in engine.get("SecurityOptions") or ()):
        found["userns_mode"] = "host"
    if _has_gpus(client, options.image):
        found["device_requests"] = [_gpus()]
    return found


def _gpus() -> Any:
    from docker.types import DeviceRequest

    return DeviceRequest(count=-1, capabilities=[["gpu"]])


def _has_gpus(client: APIClient, image: str) -> bool:
    """Only starting something with them tells: there is no API to ask."""
    from bake.builder.sdk import APIError

    host = client.create_host_config(auto_remove=True, network_mode="none", device_requests=[_gpus()])
    try:
        made = client.create_container(image, entrypoint=["/bin/true"], host_config=host)["Id"]
    except APIError:
        return False
    try:
        client.start(made)
    except APIError:
        with suppress(APIError):
            client.remove_container(made, force=True)
        return False
    return True


def _flags(node: Node) -> list[str]:
    config = ["--config", posixpath.join(FOLDER, CONFIG)] if CONFIG in node.files else []
    return [*config, *node.buildkitd_flags]


def _github(site: Site, options: Options) -> dict[str, bytes]:
    from bake.builder import github

    found = github.context(site.host) if options.add_github else None
    return {github.PATH: found} if found else {}


def archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of the configuration's folder with `files`. Raises BuilderError for a path that leaves it."""
    import io
    import tarfile

    out = io.BytesIO()
    top = posixpath.basename(FOLDER)
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in sorted(_folders(files)):
            folder = tarfile.TarInfo(posixpath.join(top, name))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        for name, data in sorted(files.items()):
            file = tarfile.TarInfo(posixpath.join(top, name))
            file.size, file.mode = len(data), 0o644
            tar.addfile(file, io.BytesIO(data))
    return out.getvalue()


def _folders(files: Mapping[str, bytes]) -> set[str]:
    found = {""} if files else set()
    for name in files:
        if posixpath.isabs(name) or posixpath.normpath(name) != name or name.startswith("."):
            raise BuilderError(f'invalid config file path "{name}"')
        while name := posixpath.dirname(name):
            found.add(name)
    return found


def _wait(site: Site, client: APIClient, node: Node) -> None:
    """Until BuildKit answers. Raises BuilderError, with the end of the container's log."""
    import time

    from bake.buildkit.client import Client

    for attempt in range(1, TRIES + 1):
        buildkit = Client(dial(site, node))
        try:
            buildkit.workers()
        except BakeError as exc:
            if attempt == TRIES or _ended(client, node):
                raise _silent(client, node, exc) from exc
        else:
            return
        finally:
            buildkit.close()
        time.sleep(_PAUSE * attempt)


def _ended(client: APIClient, node: Node) -> bool:
    """Whether nothing runs in the container, and nothing will."""
    state = client.inspect_container(container(node))["State"]
    return not state.get("Running") and not state.get("Restarting")


def _silent(client: APIClient, node: Node, exc: BakeError) -> BuilderError:
    log = client.logs(container(node), tail=_LOG_LINES).decode(errors="replace").strip()
    said = f"; its log ends with:\n{log}" if log else ""
    return BuilderError(
        f"BuildKit does not answer in container {container(node)}",
        detail=f"{exc.detail or exc}{said}",
        hint=f"look at the whole log: docker logs {container(node)}",
    )


def stop(site: Site, node: Node) -> None:
    if info(site, node) is not Status.RUNNING:
        return
    from bake.builder import sdk

    with sdk.connected(docker.address(site, node.endpoint)) as client:
        client.stop(container(node))


def remove(site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None:
    if keep_daemon:
        return
    from bake.builder import sdk

    with sdk.connected(docker.address(site, node.endpoint)) as client:
        with suppress(sdk.NotFound):
            client.remove_container(container(node), v=True, force=True)
        if not keep_state:
            with suppress(sdk.NotFound):
                client.remove_volume(volume(node))


def features(node: Node, workers: Sequence[Worker]) -> frozenset[str]:  # noqa: ARG001
    return LATER | ({DEFAULT_LOAD} if container_options.parse(node).default_load else frozenset())
