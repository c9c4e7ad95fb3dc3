"""The client against a registry in memory: signing in, retries, redirects, mounts, uploads, wrong content."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bake import descriptor as words
from bake.buildkit.credentials import ANONYMOUS, Credentials
from bake.descriptor import Descriptor, Manifest
from bake.result.registry import location
from bake.result.registry.copying import copy
from bake.result.registry.errors import NotFoundError, RegistryError
from bake.result.registry.images import Images
from bake.result.registry.transport import Transport
from tests.fakes.registry import (
    PASSWORD,
    TOKEN,
    USER,
    Answer,
    Asked,
    FakeRegistry,
    TokenServer,
    basic,
    digest_of,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bake.result.registry.repository import Repository


class Person:
    """Somebody with credentials for everything; `hosts` are those that were asked about."""

    def __init__(self, credentials: Credentials = ANONYMOUS) -> None:
        self.given = credentials
        self.hosts: list[str] = []

    def credentials(self, host: str, scopes: Sequence[str] = ()) -> Credentials:  # noqa: ARG002
        self.hosts.append(host)
        return self.given


class Client:
    """`Images` of a person, with the seconds that were waited."""

    def __init__(self, person: Person | None = None) -> None:
        self.waited: list[float] = []
        self.images = Images(person or Person(), transport=Transport({}, sleep=self.waited.append))

    def at(self, registry: FakeRegistry, path: str = "it/app") -> Repository:
        return self.images.at(location.parse(f"{registry.address}/{path}"))


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with serving() as running:
        yield running


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.images.close()


LAYER = b"a layer" * 1000
CONFIG = b'{"architecture":"amd64","os":"linux"}'


def fill(registry: FakeRegistry, path: str = "it/app", tag: str = "1") -> Descriptor:
    """Leave an image of one layer."""
    config, layer = words.describe(words.OCI_CONFIG, CONFIG), words.describe(words.OCI_LAYER, LAYER)
    registry.blobs |= {(path, config.digest): CONFIG, (path, layer.digest): LAYER}
    data = words.manifest_to_json(Manifest(config, (layer,)))
    registry.put_manifest(path, tag, words.OCI_MANIFEST, data)
    return words.describe(words.OCI_MANIFEST, data)


def test_a_tag_is_resolved_and_read(registry: FakeRegistry, client: Client) -> None:
    expected = fill(registry)
    assert client.at(registry).resolve("1") == expected
    assert client.at(registry).read(expected) == registry.manifests["it/app", "1"][1]
    with pytest.raises(NotFoundError, match=rf"{registry.address}/it/app:2: not found"):
        client.at(registry).resolve("2")


def test_a_registry_that_tells_no_digest_is_asked_for_the_content(
    registry: FakeRegistry, client: Client
) -> None:
    expected = fill(registry)

    def silent(asked: Asked) -> Answer | None:
        return Answer(200, {"Content-Type": words.OCI_MANIFEST}) if asked.method == "HEAD" else None

    registry.first = silent
    assert client.at(registry).resolve("1") == expected


def test_content_that_is_not_what_its_digest_says_is_refused(registry: FakeRegistry, client: Client) -> None:
    expected = fill(registry)
    layer = words.describe(words.OCI_LAYER, LAYER)
    registry.blobs["it/app", layer.digest] = b"x" + LAYER[1:]
    registry.manifests["it/app", expected.digest] = (words.OCI_MANIFEST, b"{}")
    for read in (lambda: client.at(registry).read(expected), lambda: list(client.at(registry).pieces(layer))):
        with pytest.raises(RegistryError, match="not what its digest says"):
            read()


def test_basic_credentials(registry: FakeRegistry) -> None:
    expected = fill(registry)
    registry.first = basic
    person = Person(Credentials(USER, PASSWORD))
    client = Client(person)
    assert client.at(registry).resolve("1") == expected
    assert set(person.hosts) == {registry.address}
    asked = len(registry.asked)
    client.at(registry).resolve("1")
    assert len(registry.asked) == asked + 1, "what is known of a registry is not asked again"


@pytest.mark.parametrize("credentials", [ANONYMOUS, Credentials(USER, "wrong secret")], ids=["none", "wrong"])
@pytest.mark.parametrize("way", ["basic", "token"])
def test_no_entry_names_the_registry_and_the_next_step(
    registry: FakeRegistry, credentials: Credentials, way: str
) -> None:
    fill(registry)
    registry.first = basic if way == "basic" else TokenServer(registry)
    with pytest.raises(RegistryError) as caught:
        Client(Person(credentials)).at(registry).resolve("1")
    assert caught.value.status == 401
    assert registry.address in str(caught.value)
    assert f"docker login {registry.address}" in (caught.value.hint or "")
    shown = f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert "wrong secret" not in shown
    assert "d3Jvbmcgc2VjcmV0" not in shown


def test_a_token_is_asked_for_once_for_each_scope(registry: FakeRegistry) -> None:
    expected = fill(registry)
    server = registry.first = TokenServer(registry)
    client = Client(Person(Credentials(USER, PASSWORD)))
    for _ in range(3):
        assert client.at(registry).resolve("1") == expected
    client.at(registry).write_manifest(expected, registry.manifests["it/app", "1"][1], "2")
    assert server.scopes == [
        ["repository:it/app:pull", "repository:x:pull"],
        ["repository:it/app:pull,push", "repository:x:pull"],
    ]


def test_a_token_that_is_refused_is_renewed(registry: FakeRegistry) -> None:
    expected = fill(registry)
    server = registry.first = TokenServer(registry)
    client = Client(Person(Credentials(USER, PASSWORD)))
    client.at(registry).resolve("1")
    server.given.clear()
    assert client.at(registry).resolve("1") == expected
    assert len(server.scopes) == 2


def test_an_identity_token_is_exchanged(registry: FakeRegistry) -> None:
    fill(registry)
    server = registry.first = TokenServer(registry)
    Client(Person(Credentials(identity_token="refresh"))).at(registry).resolve("1")
    assert server.forms[0]["grant_type"] == ["refresh_token"]
    assert server.forms[0]["refresh_token"] == ["refresh"]


def test_a_registry_token_is_used_as_it_is(registry: FakeRegistry) -> None:
    fill(registry)
    server = registry.first = TokenServer(registry)
    server.given.add(f"{TOKEN}-mine")
    Client(Person(Credentials(registry_token=f"{TOKEN}-mine"))).at(registry).resolve("1")
    assert server.scopes == []


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        ([Answer(503), Answer(500)], [0.5, 1.0]),
        ([Answer(429, {"Retry-After": "7"})], [7.0]),
        ([Answer(429, {"Retry-After": "7000"})], [60.0]),
    ],
)
def test_what_passes_is_tried_again(
    registry: FakeRegistry, client: Client, answers: list[Answer], waited: list[float]
) -> None:
    expected = fill(registry)
    left = list(answers)
    registry.first = lambda _asked: left.pop(0) if left else None
    assert client.at(registry).resolve("1") == expected
    assert client.waited == waited


def test_what_does_not_pass_is_told_at_last(registry: FakeRegistry, client: Client) -> None:
    body = b'{"errors":[{"code":"UNAVAILABLE","message":"come back later"}]}'
    registry.first = lambda _asked: Answer(503, body=body)
    with pytest.raises(RegistryError, match="503") as caught:
        client.at(registry).read(words.describe(words.OCI_MANIFEST, b""))
    assert caught.value.detail == "unavailable: come back later"
    assert len(client.waited) == 4


def test_nobody_there(client: Client) -> None:
    with serving() as gone:
        pass
    with pytest.raises(RegistryError, match="failed to do request") as caught:
        client.at(gone).resolve("1")
    assert gone.address in str(caught.value)
    assert "Connection refused" in caught.value.detail
    assert client.waited == [0.5]


def test_another_server_is_not_told_the_authorization(registry: FakeRegistry) -> None:
    layer = words.describe(words.OCI_LAYER, LAYER)
    with serving() as elsewhere:
        elsewhere.first = lambda _asked: Answer(200, body=LAYER)

        def away(asked: Asked) -> Answer | None:
            to = f"http://{elsewhere.address}/signed?secret=1"
            return basic(asked) or Answer(307, {"Location": to})

        registry.first = away
        client = Client(Person(Credentials(USER, PASSWORD)))
        assert b"".join(client.at(registry).pieces(layer)) == LAYER
        assert [one.path for one in elsewhere.asked] == ["/signed"]
        assert "authorization" not in elsewhere.asked[0].headers
        assert "authorization" in registry.asked[-1].headers


def test_redirects_do_not_go_on_for_ever(registry: FakeRegistry, client: Client) -> None:
    registry.first = lambda asked: Answer(302, {"Location": asked.path})
    with pytest.raises(RegistryError, match="Too many redirects"):
        client.at(registry).resolve("1")


def test_a_blob_of_the_same_registry_is_mounted(registry: FakeRegistry, client: Client) -> None:
    image = fill(registry)
    copy(client.at(registry), client.at(registry, "it/copy"), image)
    assert registry.manifests["it/copy", image.digest] == registry.manifests["it/app", "1"]
    assert {digest for path, digest in registry.blobs if path == "it/copy"} == {
        digest_of(CONFIG),
        digest_of(LAYER),
    }
    assert not [one for one in registry.asked if one.method == "GET" and "/blobs/" in one.path]


@pytest.mark.parametrize("refusal", [None, 403, 404])
def test_a_blob_that_is_not_mounted_is_uploaded(
    registry: FakeRegistry, client: Client, refusal: int | None
) -> None:
    image = fill(registry)
    registry.mounts = False
    if refusal:
        registry.first = lambda asked: Answer(refusal) if "mount" in asked.query else None
    copy(client.at(registry), client.at(registry, "it/copy"), image)
    assert registry.blobs["it/copy", digest_of(LAYER)] == LAYER
    assert registry.manifests["it/copy", image.digest] == registry.manifests["it/app", "1"]


def test_what_is_there_is_not_sent_again(registry: FakeRegistry, client: Client) -> None:
    image = fill(registry)
    copy(client.at(registry), client.at(registry, "it/copy"), image)
    registry.asked.clear()
    copy(client.at(registry), client.at(registry, "it/copy"), image)
    assert not [one for one in registry.asked if one.method == "POST"]


def test_an_image_goes_to_another_registry(registry: FakeRegistry, client: Client) -> None:
    image = fill(registry)
    with serving() as other:
        copy(client.at(registry), client.at(other), image)
        assert other.blobs["it/app", digest_of(LAYER)] == LAYER
        assert "mount" not in {name for one in other.asked for name in one.query}


def test_an_upload_that_breaks_begins_anew(registry: FakeRegistry, client: Client) -> None:
    image = fill(registry)
    with serving() as other:
        left = [Answer(500)]
        other.first = lambda asked: left.pop() if asked.method == "PUT" and left else None
        copy(client.at(registry), client.at(other), image)
        assert other.blobs["it/app", digest_of(LAYER)] == LAYER


def test_a_refused_upload_is_not_tried_again(registry: FakeRegistry, client: Client) -> None:
    image = fill(registry)
    with serving() as other:
        other.first = lambda asked: Answer(413) if asked.method == "PUT" else None
        with pytest.raises(RegistryError, match="413"):
            copy(client.at(registry), client.at(other), image)
        assert len([one for one in other.asked if one.method == "PUT"]) <= 2


def test_an_upload_to_another_server_is_not_signed_in(registry: FakeRegistry) -> None:
    image = fill(registry)
    with ExitStack() as stack:
        target, storage = (stack.enter_context(serving()) for _ in range(2))

        def away(asked: Asked) -> Answer | None:
            refused = basic(asked)
            if refused or asked.method != "POST":
                return refused
            return Answer(202, {"Location": f"http://{storage.address}/v2/it/app/blobs/uploads/1"})

        target.first = away
        client = Client(Person(Credentials(USER, PASSWORD)))
        copy(client.at(registry), client.at(target), image)
        assert storage.blobs["it/app", digest_of(LAYER)] == LAYER
        assert not [one for one in storage.asked if "authorization" in one.headers]


def test_referrers_are_found_by_either_way(registry: FakeRegistry, client: Client) -> None:
    image = fill(registry)
    attached = Descriptor(words.OCI_MANIFEST, digest_of(b"x"), 1, artifact_type="a/b")
    data = words.index_to_json(words.Index((attached,)))
    assert client.at(registry).referrers(image.digest) == []
    registry.put_manifest("it/app", image.digest.replace(":", "-"), words.OCI_INDEX, data)
    assert client.at(registry).referrers(image.digest) == [attached]
    registry.manifests.clear()
    registry.first = lambda asked: Answer(200, body=data) if "/referrers/" in asked.path else None
    assert client.at(registry).referrers(image.digest) == [attached]
