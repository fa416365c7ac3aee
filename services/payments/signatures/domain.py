"""HTTP message signatures with Ed25519, the few parts of them that offices and we use.

A signature covers method, path, query and, where there is a body, its digest; its parameters are
the time it was made, a nonce, the key and the algorithm. Source: RFC 9421, RFC 9530, RFC 7638.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.errors import NotSignedIn

SIGNATURE_SECONDS_MAX = 300
NONCE_CHARACTERS = (16, 80)
LABEL = "sig1"
_INPUT = re.compile(
    r'^sig1=(?P<all>\((?P<covered>"[^"]+"(?: "[^"]+")*)\)(?P<rest>(?:;[a-z]+=(?:"[^"]*"|\d+))+))$'
)
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"]*)"|(\d+))')
_SIGNATURE = re.compile(r"^sig1=:([A-Za-z0-9+/=]+):$")


class SignatureMissing(NotSignedIn):
    """This office signs its requests: send Signature-Input and Signature (label sig1)."""

    code = "signature-missing"


class SignatureUnreadable(NotSignedIn):
    """The signature's headers are not of the form that the office's instructions show."""

    code = "signature-unreadable"


class SignatureWrong(NotSignedIn):
    """The signature does not belong to this request, this body and a key in force of the office."""

    code = "signature-wrong"


class SignatureStale(NotSignedIn):
    """The signature was not made just now; sign the request again and look at your clock."""

    code = "signature-stale"


class SignatureReplayed(NotSignedIn):
    """A request with this nonce came before; sign again with a new one."""

    code = "signature-replayed"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came: what a signature may cover, and the headers that carry it."""

    method: str
    path: str
    query: str
    body_digest: bytes | None
    content_digest: str | None
    signature_input: str | None
    signature: str | None

    @property
    def is_signed(self) -> bool:
        """Whether it claims to be signed."""
        return self.signature_input is not None or self.signature is not None

    def covered(self) -> list[tuple[str, str]]:
        """What must be signed of it, in order."""
        parts = [('"@method"', self.method), ('"@path"', self.path), ('"@query"', self.query)]
        if self.body_digest is not None:
            parts.append(('"content-digest"', self.content_digest or ""))
        return parts


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signature of a request says of itself."""

    parameters: str
    covered: tuple[str, ...]
    created: datetime
    nonce: str
    key_id: str
    value: bytes


def digest_field(digest: bytes) -> str:
    """The Content-Digest of a body with this SHA-256."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def signature_base(covered: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """The bytes that are signed: a line for each part, then the parameters themselves."""
    lines = [f"{name}: {value}" for name, value in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def parameters_of(covered: Sequence[tuple[str, str]], *, created: datetime, key_id: str) -> str:
    """The parameters of a signature of ours over these parts."""
    names = " ".join(name for name, _ in covered)
    return f'({names});created={int(created.timestamp())};keyid="{key_id}";alg="ed25519"'


def read_signature(sent: Sent, *, zone: datetime) -> Signature:
    """The signature of a request; raises SignatureUnreadable. `zone` lends its time zone."""
    told = _INPUT.match(sent.signature_input or "")
    given = _SIGNATURE.match(sent.signature or "")
    if told is None or given is None:
        raise SignatureUnreadable(field="Signature-Input" if told is None else "Signature")
    said = {name: text or number for name, text, number in _PARAMETER.findall(told["rest"])}
    shortest, longest = NONCE_CHARACTERS
    if (
        said.get("alg") != "ed25519"
        or not said.get("created", "").isdecimal()
        or len(said["created"]) > len("9999999999")
        or not shortest <= len(said.get("nonce", "")) <= longest
        or "keyid" not in said
    ):
        raise SignatureUnreadable(field="Signature-Input")
    try:
        value = base64.b64decode(given[1], validate=True)
    except binascii.Error as error:
        raise SignatureUnreadable(field="Signature") from error
    return Signature(
        told["all"],
        tuple(told["covered"].split(" ")),
        datetime.fromtimestamp(int(said["created"]), zone.tzinfo),
        said["nonce"],
        said["keyid"],
        value,
    )


def check_signature(sent: Sent, signature: Signature, key: bytes | None, *, now: datetime) -> None:
    """Refuse what is not signed by this key, over all of the request, just now.

    Raises SignatureWrong, SignatureStale. `key` is None where the office has no such key in force.
    """
    needed = sent.covered()
    values = dict(needed)
    if key is None or {name for name, _ in needed} != set(signature.covered):
        raise SignatureWrong(field="Signature-Input")
    if sent.body_digest is not None and sent.content_digest != digest_field(sent.body_digest):
        raise SignatureWrong(field="Content-Digest")
    base = signature_base([(n, values[n]) for n in signature.covered], signature.parameters)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature.value, base)
    except InvalidSignature as error:
        raise SignatureWrong(field="Signature") from error
    if abs(signature.created - now) > timedelta(seconds=SIGNATURE_SECONDS_MAX):
        raise SignatureStale(field="Signature-Input", seconds_max=SIGNATURE_SECONDS_MAX)
