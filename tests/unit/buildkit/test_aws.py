"""Profiles in files, programs that run, and a token service on loopback that checks who asks."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from bake.buildkit.aws import KeyChain
from bake.buildkit.aws_tokens import Keys
from bake.errors import UsageError
from tests.fakes.serving import answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """\
# a comment
[default]
region = eu-central-1
[profile static]
aws_access_key_id = id
aws_secret_access_key = s3cret # not part of it
[profile role]
role_arn = arn:role
external_id = outside
source_profile = static
[profile deep]
role_arn = arn:deep
source_profile = role
[profile self]
role_arn = arn:self
source_profile = self
aws_access_key_id = own
aws_secret_access_key = s3cret
[profile surrounded]
role_arn = arn:surrounded
credential_source = Environment
[profile metadata]
role_arn = arn:metadata
credential_source = Ec2InstanceMetadata
[profile web]
role_arn = arn:web
web_identity_token_file = {folder}/token
[profile sso]
sso_session = work
[profile one]
role_arn = r
source_profile = other
[profile other]
role_arn = r
source_profile = one
[profile lost]
role_arn = r
source_profile = nowhere
[profile process]
credential_process = sh {folder}/process "two words"
[profile failing]
credential_process = sh -c "echo locked >&2; exit 3"
[profile silly]
credential_process = echo s3cret
"""
PROCESS = """test "$1" = "two words" && \
echo '{"Version": 1, "AccessKeyId": "p", "SecretAccessKey": "s", "SessionToken": "t"}'
"""


def found(folder: Path, profile: str = "", **environment: str) -> Keys | None:
    (folder / ".aws").mkdir(exist_ok=True)
    (folder / ".aws/config").write_text(CONFIG.replace("{folder}", str(folder)))
    (folder / "process").write_text(PROCESS)
    (folder / "token").write_text("identity s3cret\n")
    named = {"AWS_PROFILE": profile} if profile else {}
    return KeyChain({"PATH": "/usr/bin:/bin", **named, **environment}, str(folder)).find()


def test_the_variables_come_first(tmp_path: Path) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "e", "AWS_SECRET_ACCESS_KEY": "s"}
    assert found(tmp_path, "static", **environment) == Keys("e", "s")
    assert found(tmp_path, "static", AWS_ACCESS_KEY_ID="e") == Keys("id", "s3cret")
    assert found(tmp_path) is None


def test_the_credentials_file_counts_before_the_other(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[static]\naws_access_key_id=new\n[default]\naws_secret_access_key = x\n")
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    assert found(tmp_path, "static", **environment) == Keys("new", "s3cret")


def test_a_process(tmp_path: Path) -> None:
    assert found(tmp_path, "process") == Keys("p", "s", "t")


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("gone", "`gone` is not in"),
        ("sso", "signed in to by browser"),
        ("one", "one → other → one"),
        ("lost", "no source_profile `nowhere`"),
        ("metadata", "`Ec2InstanceMetadata` is not known here"),
        ("surrounded", "no keys to take on the role arn:surrounded with"),
        ("failing", "failed with 3: locked"),
        ("silly", "gave none"),
    ],
)
def test_what_fails_is_named(tmp_path: Path, profile: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        found(tmp_path, profile)
    assert said in caught.value.detail
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


def test_a_broken_file_is_named_but_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("s3cret\n[x\n")
    with pytest.raises(UsageError, match="broken lines") as caught:
        found(tmp_path, AWS_CONFIG_FILE=str(tmp_path / "broken"))
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


class Service(ThreadingHTTPServer):
    """The token service, and a container's endpoint; `asked` are forms with their authorization."""

    asked: list[tuple[dict[str, str], str]]


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        keys = {"AccessKeyId": "c", "SecretAccessKey": "s", "Token": self.headers.get("Authorization", "")}
        self.reply(200, json.dumps(keys))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        fields = {name: value for name, (value,) in form.items()}
        self.server.asked.append((fields, self.headers.get("Authorization", "")))
        if fields["RoleArn"] == "arn:web" and "WebIdentityToken" not in fields:
            self.reply(403, "<Error><Message>no &amp; never</Message></Error>")
            return
        self.reply(
            200,
            f"<R><Credentials><AccessKeyId>of {fields['RoleArn']}</AccessKeyId>"
            "<SecretAccessKey>a&lt;b</SecretAccessKey><SessionToken>t</SessionToken></Credentials></R>",
        )

    def reply(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with answering(Service(("127.0.0.1", 0), Handler)) as running:
        running.asked = []
        yield running


def url(service: Service) -> str:
    return f"http://127.0.0.1:{service.server_port}"


def test_a_role_with_the_keys_of_another_profile(tmp_path: Path, service: Service) -> None:
    assert found(tmp_path, "role", AWS_ENDPOINT_URL_STS=url(service)) == Keys("of arn:role", "a<b", "t")
    [(fields, authorization)] = service.asked
    assert fields["Action"] == "AssumeRole"
    assert fields["ExternalId"] == "outside"
    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=id/")
    assert "/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, " in authorization


def test_a_role_with_a_role(tmp_path: Path, service: Service) -> None:
    assert found(tmp_path, "deep", AWS_ENDPOINT_URL_STS=url(service), AWS_REGION="eu-west-1") == Keys(
        "of arn:deep", "a<b", "t"
    )
    assert [fields["RoleArn"] for fields, _ in service.asked] == ["arn:role", "arn:deep"]
    assert "Credential=of arn:role/" in service.asked[1][1]
    assert "/eu-west-1/sts/aws4_request, " in service.asked[1][1]
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, " in service.asked[1][1]


def test_a_role_with_the_profile_s_own_keys(tmp_path: Path, service: Service) -> None:
    assert found(tmp_path, "self", AWS_ENDPOINT_URL=url(service)) == Keys("of arn:self", "a<b", "t")
    assert "Credential=own/" in service.asked[0][1]


@pytest.mark.parametrize("profile", ["", "web"])
def test_a_web_identity(tmp_path: Path, service: Service, profile: str) -> None:
    variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": "arn:web"}
    environment = {} if profile else variables
    keys = found(tmp_path, profile, AWS_ENDPOINT_URL_STS=url(service), **environment)
    assert keys == Keys("of arn:web", "a<b", "t")
    [(fields, authorization)] = service.asked
    assert fields["WebIdentityToken"] == "identity s3cret"
    assert authorization == ""


def test_a_web_identity_needs_a_role_and_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a role"):
        found(tmp_path, AWS_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "token"))
    with pytest.raises(UsageError, match="nowhere"):
        found(tmp_path, AWS_WEB_IDENTITY_TOKEN_FILE="/nowhere", AWS_ROLE_ARN="r")


def test_a_refused_role_says_why(tmp_path: Path, service: Service) -> None:
    (tmp_path / "config").write_text(
        "[profile x]\nrole_arn = arn:web\nsource_profile=y\n[profile y]\n"
        "aws_access_key_id=i\naws_secret_access_key=s3cret\n"
    )
    with pytest.raises(UsageError, match=r"403 Forbidden \(no & never\)") as caught:
        found(tmp_path, "x", AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_ENDPOINT_URL_STS=url(service))
    assert "s3cret" not in str(caught.value)


def test_a_container_s_endpoint(tmp_path: Path, service: Service) -> None:
    (tmp_path / "authorization").write_text("word\n")
    environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url(service)}/keys",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "authorization"),
    }
    assert found(tmp_path, **environment) == Keys("c", "s", "word")


@pytest.mark.parametrize("address", ["http://elsewhere.example/keys", "file:///etc/passwd"])
def test_a_container_s_endpoint_is_of_this_machine(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="not of this machine"):
        found(tmp_path, AWS_CONTAINER_CREDENTIALS_FULL_URI=address)


def test_it_is_looked_for_once(tmp_path: Path, service: Service) -> None:
    found(tmp_path)
    environment = {"AWS_PROFILE": "role", "AWS_ENDPOINT_URL_STS": url(service)}
    chain = KeyChain(environment, str(tmp_path))
    assert chain.find() == chain.find()
    assert len(service.asked) == 1
