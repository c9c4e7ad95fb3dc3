"""TLS to a BuildKit or an Engine: whom we trust, who we are, and what it means when that is refused.

Takes the paths of PEM files, gives an `ssl.SSLContext`. Failures are TLSErrors with a reason and a next
step in words; OpenSSL's own are looked up in tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    import ssl

Words = tuple[str, str]
"""A reason, and what to do."""

_ASK_AUTHORITY = "is `cacert` the authority that signed the server's certificate?"
SILENT = "does it speak TLS? If it does not, leave the certificates out"
"""What to do about a server that hangs up instead of an answer."""
_VERIFYING: tuple[tuple[str, str], ...] = (
    ("expired", "renew the server's certificate; or is this machine's clock wrong?"),
    ("not yet valid", "is this machine's clock right?"),
    ("not valid for", "call the server as its certificate does: --driver-opt servername=NAME"),
)
"""What to do, by what OpenSSL says of a server's certificate."""

_ALERTS: tuple[tuple[str, Words], ...] = (
    (
        "certificate required",
        ("the server wants a client's certificate", "give it: --driver-opt cert=FILE,key=FILE"),
    ),
    (
        "handshake failure",
        ("the server broke the handshake off", "does it want a certificate? --driver-opt cert=FILE,key=FILE"),
    ),
    (
        "unknown ca",
        ("the server does not know who signed our certificate", "have it signed by the server's authority"),
    ),
    ("expired", ("the server says that our certificate has expired", "renew the client's certificate")),
    (
        "bad certificate",
        ("the server refuses our certificate", "is it still valid, and signed by the server's authority?"),
    ),
    (
        "wrong version number",
        ("what answers does not speak TLS", "leave the certificates out; or is it another port?"),
    ),
)
"""Reasons and next steps, by what OpenSSL says when the handshake fails, or later when the server refuses
us: TLS 1.3 tells a client only after it has begun to talk."""


class TLSError(ConnectionError):
    """The text is the reason; `hint` says what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


@record
class TLS:
    """Files in PEM, absolute; `ca` "" means the machine's own. `server_name` "" means the host's."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    server_name: str = ""
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """Raises TLSError for files that cannot be used."""
        import ssl

        for path in filter(None, (self.ca, self.cert, self.key)):
            _check_readable(path)
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
        except OSError as exc:
            raise TLSError(f"`{self.ca}` holds no certificate", _ASK_AUTHORITY) from exc
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert:
            self._identify(context)
        return context

    def _identify(self, context: ssl.SSLContext) -> None:
        try:
            # without a password to give, OpenSSL would ask for it on the terminal
            context.load_cert_chain(self.cert, self.key or None, password="")
        except OSError as exc:
            mismatch = "mismatch" in str(exc).lower()
            fault = "do not belong together" if mismatch else "cannot be used"
            raise TLSError(
                f"`{self.cert}` and `{self.key}` {fault}", "they are PEM files, without a password"
            ) from exc


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as exc:
        raise TLSError(f"`{path}`: {exc.strerror}", "is that where the certificate is?") from exc


def explained(exc: ssl.SSLError) -> TLSError:
    """What OpenSSL's failure means."""
    verifying = str(getattr(exc, "verify_message", "") or "")
    if verifying:
        hint = next((hint for sign, hint in _VERIFYING if sign in verifying), _ASK_AUTHORITY)
        return TLSError(f"the server's certificate is not accepted: {verifying.rstrip('.')}", hint)
    text = str(exc.reason or exc).lower().replace("_", " ")
    found = next((words for sign, words in _ALERTS if sign in text), None)
    if found is None:
        return TLSError(f"TLS failed: {text}", "does the server speak TLS there?")
    return TLSError(*found)
