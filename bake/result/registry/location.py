"""Where an image is: `[registry/]repository[:tag][@digest]` or `oci-layout://FOLDER[:tag][@digest]`.

The rules are buildx's (util/imagetools/location.go and util/ocilayout, 0.36.1).
"""

from __future__ import annotations

from dataclasses import replace

from bake import reference
from bake.errors import UsageError
from bake.record import record

LAYOUT = "oci-layout://"


@record
class Location:
    """`name` is the repository with its registry, or the folder of a `layout`."""

    name: str
    tag: str = ""
    digest: str = ""
    layout: bool = False

    @property
    def domain(self) -> str:
        """The registry, as references have it; `docker.io` for Docker Hub."""
        return "" if self.layout else self.name.partition("/")[0]

    @property
    def path(self) -> str:
        """The repository without its registry."""
        return self.name.partition("/")[2]

    @property
    def object(self) -> str:
        """What it names in there: the digest if there is one, else the tag."""
        return self.digest or self.tag

    def at(self, digest: str) -> Location:
        """The content `digest` of this place."""
        return replace(self, digest=digest, tag="" if self.layout else self.tag)

    def untagged(self) -> Location:
        """The place's default tag."""
        if self.layout:
            return replace(self, tag=self.tag or "latest", digest="")
        return replace(self, tag="latest", digest="")

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return (LAYOUT if self.layout else "") + self.name + tag + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Location:
    """The location that `text` means; a name alone has the tag `latest`. Raises UsageError."""
    try:
        if text.startswith(LAYOUT):
            return _layout(text.removeprefix(LAYOUT))
        found = reference.with_default_tag(reference.normalize(text))
    except ValueError as exc:
        raise UsageError("Invalid image reference", detail=str(exc)) from exc
    return Location(found.name, found.tag, found.digest)


def _layout(text: str) -> Location:
    folder, at, digest = text.rpartition("@")
    if not at or not reference.DIGEST.fullmatch(digest):
        folder, digest = text, ""
    else:
        reference.check_digest(digest)
    name, colon, tag = folder.rpartition(":")
    if not colon or not reference.TAG.fullmatch(tag):
        name, tag = folder, ""
    return Location(name, tag or ("" if digest else "latest"), digest, layout=True)
