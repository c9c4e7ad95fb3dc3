"""Contexts from Git and HTTP servers that want to know who asks, and how their secrets are kept."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define, word
from tests.engine.git_servers import SSHServer, WebServer, repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.commands import Command
    from tools.engine.packages import Tools

COPY = "FROM scratch\nCOPY . /\n"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with WebServer(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(scope="module")
def ssh(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHServer]:
    with SSHServer(tools, tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture(autouse=True)
def _open_to_all(web: WebServer) -> None:
    web.allowed, web.seen = set(), set()


@contextmanager
def agent(folder: Path, *keys: Path) -> Iterator[str]:
    """OpenSSH's agent with some keys; the path of its socket."""
    path = str(folder / f"agent-{word()}")
    started = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE)
    try:
        assert started.stdout
        started.stdout.readline()
        for key in keys:
            subprocess.run(["ssh-add", "-q", str(key)], env={**os.environ, "SSH_AUTH_SOCK": path}, check=True)
        yield path
    finally:
        started.kill()
        started.communicate()


def program(rootfs: Path, name: str) -> None:
    """Put a program of this machine there, with the libraries that it needs."""
    path = shutil.which(name)
    assert path
    linked = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    for needed in {path, *re.findall(r"(/\S+) \(0x", linked)}:
        copy = rootfs / ("bin" if needed == path else os.path.dirname(needed).lstrip("/")) / Path(needed).name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(needed, copy)


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def basic(secret: str) -> str:
    return "basic " + base64.b64encode(f"x-access-token:{secret}".encode()).decode()


def fresh(web: WebServer, name: str = "repo") -> tuple[str, str]:
    """A repository that nobody has fetched: its URL and the word in it."""
    made = f"{name}-{word()}.git"
    text = word()
    repository(
        web.folder / made, {"Dockerfile": COPY, "word": text, "below/Dockerfile": COPY, "below/word": "b"}
    )
    return f"{web.url}/{made}", text


class TestGit:
    @pytest.mark.parametrize(
        ("identity", "variable"),
        [
            ("GIT_AUTH_TOKEN", "token"),
            ("GIT_AUTH_TOKEN.{host}", "token"),
            ("GIT_AUTH_HEADER", "header"),
            ("GIT_AUTH_HEADER.{host}", "header"),
        ],
    )
    def test_a_password_is_a_secret(
        self, project: Path, pybake: Command, web: WebServer, identity: str, variable: str
    ) -> None:
        url, text = fresh(web)
        secret = word()
        value = secret if variable == "token" else basic(secret)
        web.allowed = {basic(secret)}
        identity = identity.format(host=web.host)
        define(project, app={"context": url, "secret": [f"id={identity},env=GIVEN"], "output": ["out"]})

        refused = pybake("app", GIVEN="wrong")
        told = pybake("app", "--progress=plain", "--metadata-file=meta.json", GIVEN=value).ok()

        assert refused.code == 1
        assert (project / "out/word").read_text() == text
        assert web.allowed <= web.seen
        said = told.stdout + told.stderr + (project / "meta.json").read_text()
        assert secret not in said
        assert basic(secret) not in said

    def test_another_server_does_not_get_it(self, project: Path, pybake: Command, web: WebServer) -> None:
        url, _ = fresh(web)
        web.allowed = {basic("unknown")}
        secret = "id=GIT_AUTH_TOKEN.git.example.com,env=GIVEN"
        define(project, app={"context": url, "secret": [secret], "output": ["out"]})

        told = pybake("app", GIVEN="for another")

        assert told.code == 1
        assert web.seen == set()

    def test_a_named_context_with_a_folder_and_a_tag(
        self, project: Path, pybake: Command, web: WebServer
    ) -> None:
        url, text = fresh(web)
        secret = word()
        web.allowed = {basic(secret)}
        define(
            project,
            app={
                "dockerfile": "FROM scratch\nCOPY --from=whole word /whole\nCOPY --from=part word /part\n",
                "contexts": {"whole": f"{url}#v1", "part": f"{url}#main:below"},
                "secret": ["id=GIT_AUTH_TOKEN,env=GIVEN"],
                "output": ["out"],
            },
        )
        pybake("app", GIVEN=secret).ok()

        assert tree(project / "out") == {"whole": text, "part": "b"}

    def test_a_remote_definition_s_token_serves_its_contexts(
        self, project: Path, pybake: Command, web: WebServer
    ) -> None:
        name, text = f"defined-{word()}.git", word()
        bake = 'target "default" {\n  output = ["type=local,dest=out"]\n}\n'
        repository(web.folder / name, {"Dockerfile": COPY, "word": text, "docker-bake.hcl": bake})
        secret = word()
        web.allowed = {basic(secret)}
        url = f"{web.url}/{name}"

        assert pybake(url).code == 1
        told = pybake(url, "--allow=fs.write=out", BUILDX_BAKE_GIT_AUTH_TOKEN=secret).ok()

        assert (project / "out/word").read_text() == text
        assert secret not in told.stderr

    def test_submodules_come_along_unless_they_are_not_wanted(
        self, project: Path, pybake: Command, web: WebServer
    ) -> None:
        inner, text = fresh(web, "inner")
        outer = f"outer-{word()}.git"
        repository(web.folder / outer, {"Dockerfile": COPY}, {"module": inner})
        define(project, app={"context": f"{web.url}/{outer}", "output": ["out"]})
        pybake("app").ok()

        assert (project / "out/module/word").read_text() == text

    def test_a_dockerfile_of_here_for_a_context_of_there(
        self, project: Path, pybake: Command, web: WebServer
    ) -> None:
        url, text = fresh(web)
        (project / "own.Dockerfile").write_text("FROM scratch\nCOPY word /own\n")
        define(project, app={"context": url, "dockerfile": "cwd://own.Dockerfile", "output": ["out"]})
        pybake("app").ok()

        assert tree(project / "out") == {"own": text}


class TestSSH:
    @pytest.fixture
    def url(self, ssh: SSHServer, tmp_path_factory: pytest.TempPathFactory) -> str:
        folder = tmp_path_factory.mktemp("repositories")
        return ssh.url(repository(folder / "repo.git", {"Dockerfile": COPY, "word": "by ssh"}))

    def test_with_the_agent_of_the_environment(
        self, project: Path, pybake: Command, ssh: SSHServer, url: str, home: Path
    ) -> None:
        define(project, app={"context": url, "output": ["out"]})
        with agent(home, ssh.key) as socket:
            pybake("app", SSH_AUTH_SOCK=socket).ok()

        assert (project / "out/word").read_text() == "by ssh"

    def test_with_a_key(self, project: Path, pybake: Command, ssh: SSHServer, url: str) -> None:
        define(project, app={"context": url, "ssh": [f"default={ssh.key}"], "output": ["out"]})
        pybake("app", "--allow=ssh", BUILDX_BAKE_ENTITLEMENTS_FS="0").ok()

        assert (project / "out/word").read_text() == "by ssh"

    def test_a_key_that_is_not_let_in(self, project: Path, pybake: Command, url: str, home: Path) -> None:
        other = home / "other"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
        define(project, app={"context": url, "ssh": [f"default={other}"], "output": ["out"]})
        told = pybake("app", "--allow=ssh", BUILDX_BAKE_ENTITLEMENTS_FS="0")

        assert told.code == 1
        assert "Permission denied" in told.stderr

    def test_without_any_agent(self, project: Path, pybake: Command, url: str) -> None:
        define(project, app={"context": url, "output": ["out"]})
        told = pybake("app")

        assert told.code == 1
        assert "SSH_AUTH_SOCK is not set" in told.stderr
        assert "ssh-agent" in told.stderr

    def test_a_step_sees_the_agent_s_keys_and_can_remove_none(
        self, project: Path, pybake: Command, ssh: SSHServer, home: Path
    ) -> None:
        program(project / "rootfs/amd64", "ssh-add")
        define(
            project,
            app={
                "dockerfile": "FROM scratch\nCOPY rootfs/amd64/ /\n"
                f"RUN --mount=type=ssh,id=own,required : {word()}; mkdir /out && ssh-add -L > /out/first;"
                " ssh-add -D 2> /out/refused; ssh-add -L > /out/second\n"
                "FROM scratch\nCOPY --from=0 /out /\n",
                "ssh": ["own"],
                "output": ["out"],
            },
        )
        with agent(home, ssh.key) as socket:
            pybake("app", "--allow=ssh", SSH_AUTH_SOCK=socket).ok()

        found = tree(project / "out")
        public = (ssh.folder / "key.pub").read_text().split()[1]
        assert found["first"].split()[1] == public
        assert found["second"] == found["first"]
        assert found["refused"] == "Failed to remove all identities.\n"


class TestHTTP:
    @staticmethod
    def archive(web: WebServer, files: Mapping[str, str]) -> str:
        """The URL of a new archive of `files`."""
        name = f"context-{word()}.tar.gz"
        with tarfile.open(web.folder / name, "w:gz") as opened:
            for path, text in files.items():
                member = tarfile.TarInfo(path)
                member.size = len(text)
                opened.addfile(member, io.BytesIO(text.encode()))
        return f"{web.url}/{name}"

    @pytest.mark.parametrize(
        ("identity", "value", "allowed"),
        [
            ("HTTP_AUTH_TOKEN_127.0.0.1", "{secret}", "Bearer {secret}"),
            ("HTTP_AUTH_HEADER_127.0.0.1", "Digest {secret}", "Digest {secret}"),
        ],
    )
    def test_an_archive_behind_a_password(
        self, project: Path, pybake: Command, web: WebServer, identity: str, value: str, allowed: str
    ) -> None:
        text, secret = word(), word()
        url = self.archive(web, {"Dockerfile": COPY, "word": text})
        web.allowed = {allowed.format(secret=secret)}
        define(project, app={"context": url, "secret": [f"id={identity},env=GIVEN"], "output": ["out"]})

        refused = pybake("app", GIVEN="wrong")
        told = pybake("app", "--progress=plain", GIVEN=value.format(secret=secret)).ok()

        assert refused.code == 1
        assert "401" in refused.stderr
        assert (project / "out/word").read_text() == text
        assert secret not in told.stderr + told.stdout

    def test_a_lone_dockerfile(self, project: Path, pybake: Command, web: WebServer) -> None:
        name, text = word(), word()
        (web.folder / name).write_text(f"FROM scratch AS one\nCOPY <<end /word\n{text}\nend\n")
        define(project, app={"context": f"{web.url}/{name}", "output": ["out"]})
        pybake("app").ok()

        assert tree(project / "out") == {"word": f"{text}\n"}
