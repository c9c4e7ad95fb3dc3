"""Image references: `[domain/]path[:tag][@digest]`, by distribution/reference's grammar (v0.6).

Takes text, gives a frozen `Reference`; raises ValueError with a message for a person. Its rule: what
a person wrote stays apart from what it means. `parse` keeps the words, `normalize` adds `docker.io`
and `library/`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bake.record import record

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?"
_SEGMENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_REFERENCE = re.compile(
    rf"((?:{_DOMAIN}/)?{_SEGMENT}(?:/{_SEGMENT})*)(?::({TAG.pattern}))?(?:@({DIGEST.pattern}))?", re.ASCII
)
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST_NAME = 255
DEFAULT_DOMAIN = "docker.io"
_LEGACY_DOMAIN = "index.docker.io"


@record
class Reference:
    """A parsed reference; `domain` is "" where none was written and nothing was normalised."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """The repository: domain and path."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    @property
    def familiar(self) -> str:
        """The reference as people write it: without `docker.io/` and `library/`, as long as it still
        means the same then."""
        if self.domain != DEFAULT_DOMAIN:
            return str(self)
        path = self.path.removeprefix("library/") if self.path.count("/") == 1 else self.path
        short = replace(self, domain="", path=path)
        return str(short if _split_docker(path) == (self.domain, self.path) else self)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return self.name + tag + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """The reference that `text` spells, nothing added. Raises ValueError."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ValueError(_complaint(text))
    name, tag, digest = found.groups(default="")
    if digest:
        check_digest(digest)
    domain, path = _split_anchored(name)
    if len(path) > _LONGEST_NAME:
        raise ValueError(f"a repository name may have {_LONGEST_NAME} characters, this has {len(path)}")
    return Reference(domain, path, tag, digest)


def normalize(text: str) -> Reference:
    """The reference that `text` means: `alpine` is `docker.io/library/alpine`. Raises ValueError."""
    if re.fullmatch(r"[a-f0-9]{64}", text):
        raise ValueError(f"`{text}` is an image's id, not a name")
    domain, path = _split_docker(text)
    remote = path.partition("@")[0]
    repository, colon, _ = remote.rpartition(":")
    repository = repository if colon else remote
    if repository.lower() != repository:
        raise ValueError(f"`{text}`: a repository name must be lowercase")
    found = parse(f"{domain}/{path}")
    # the grammar may read another domain than Docker's rule does; Docker's rule is what counts
    return Reference(domain, found.name.removeprefix(f"{domain}/"), found.tag, found.digest)


def with_default_tag(reference: Reference) -> Reference:
    """`reference` with the tag `latest` if it names neither tag nor digest."""
    return reference if reference.tag or reference.digest else replace(reference, tag="latest")


def check_digest(digest: str) -> str:
    """`digest` itself, if it is a whole digest of a known algorithm. Raises ValueError."""
    algorithm, _, encoded = digest.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"`{digest}` is not a digest (`sha256:` and 64 hexadecimal digits)")
    if length is None:
        raise ValueError(f"`{digest}`: unsupported digest algorithm `{algorithm}`")
    if len(encoded) != length or encoded != encoded.lower():
        raise ValueError(f"`{digest}`: a {algorithm} digest has {length} lowercase hexadecimal digits")
    return digest


def _split_anchored(name: str) -> tuple[str, str]:
    """The grammar's own split: a first segment that can be a domain is one, if more follows."""
    head, slash, tail = name.partition("/")
    if slash and re.fullmatch(_DOMAIN, head):
        return head, tail
    return "", name


def _split_docker(text: str) -> tuple[str, str]:
    """Docker's rule: the first segment is a domain if it has a dot or a port, is upper case or localhost."""
    head, slash, tail = text.partition("/")
    is_domain = slash and ("." in head or ":" in head or head == "localhost" or head.lower() != head)
    domain, path = (head, tail) if is_domain else (DEFAULT_DOMAIN, text)
    if domain == _LEGACY_DOMAIN:
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = f"library/{path}"
    return domain, path


def _complaint(text: str) -> str:
    if not text:
        return "an image reference must have a repository name"
    if _REFERENCE.fullmatch(text.lower()):
        return f"`{text}`: a repository name must be lowercase"
    return f"`{text}` is not an image reference ([registry/]repository[:tag][@digest])"
