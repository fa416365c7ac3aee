"""How a payment office signs its requests and checks that an answer is ours: all of it.

A signature (RFC 9421, Ed25519) covers method, path, query and the digest of the body, and carries
the time, a nonce that is never used twice, and the name of the key: the thumbprint of its public
half (RFC 7638). The public half is entered at `POST /offices/{partner}/keys` and confirmed by a
second person; the private half never leaves the office. `python office_signing.py key.pem` prints
the public half of a key as it is entered.
"""

import base64
import hashlib
import json
import re
import secrets
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

COVERED = r'\("@status" "content-digest" "@path";req "@query";req\)'
ANSWER = re.compile(rf'^sig1=({COVERED};created=\d+;keyid="([^"]+)";alg="ed25519")$')


class WrongAnswer(Exception):
    """The answer was not signed by payments for this request; nothing of it may be used."""


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key of a file, as `openssl genpkey -algorithm ed25519` writes it; raises TypeError."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("this is no Ed25519 key")
    return key


def public_key(key: Ed25519PrivateKey) -> dict[str, str]:
    """The public half as a JSON Web Key, to be entered with payments."""
    return {"crv": "Ed25519", "kty": "OKP", "x": _text(key.public_key().public_bytes_raw())}


def key_name(key: Ed25519PrivateKey) -> str:
    """What payments calls the key."""
    members = json.dumps(public_key(key), separators=(",", ":"), sort_keys=True)
    return _text(hashlib.sha256(members.encode()).digest())


def signed(
    key: Ed25519PrivateKey, method: str, url: str, body: bytes = b"", *, now: datetime
) -> dict[str, str]:
    """The headers that sign a request; send exactly this body and this address."""
    where = urlsplit(url)
    parts = {"@method": method, "@path": where.path, "@query": f"?{where.query}"}
    headers = {}
    if body:
        parts["content-digest"] = headers["Content-Digest"] = _digest(body)
    names = " ".join(f'"{name}"' for name in parts)
    about = f'({names});created={int(now.timestamp())};nonce="{secrets.token_urlsafe(18)}"'
    about += f';keyid="{key_name(key)}";alg="ed25519"'
    lines = [f'"{name}": {value}' for name, value in parts.items()]
    signature = key.sign("\n".join([*lines, f'"@signature-params": {about}']).encode())
    headers["Signature-Input"] = f"sig1={about}"
    headers["Signature"] = f"sig1=:{base64.b64encode(signature).decode()}:"
    return headers


def check_answer(
    keys: Mapping[str, Any], url: str, status: int, headers: Mapping[str, str], content: bytes
) -> None:
    """Refuse an answer that is not ours; `keys` is what `GET /signing-keys` gave.

    Raises WrongAnswer, or InvalidSignature where the signature is another's.
    """
    told = ANSWER.match(headers.get("Signature-Input", ""))
    ours = {key["kid"]: key["x"] for key in keys["keys"]}
    if told is None or told[2] not in ours or headers.get("Content-Digest") != _digest(content):
        raise WrongAnswer(url)
    where = urlsplit(url)
    base = (
        f'"@status": {status}\n"content-digest": {_digest(content)}\n'
        f'"@path";req: {where.path}\n"@query";req: ?{where.query}\n'
        f'"@signature-params": {told[1]}'
    )
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(ours[told[2]] + "="))
    signature = headers["Signature"].removeprefix("sig1=:").removesuffix(":")
    public.verify(base64.b64decode(signature), base.encode())


def _digest(content: bytes) -> str:
    """The Content-Digest of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def _text(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


if __name__ == "__main__":
    own = private_key(Path(sys.argv[1]).read_bytes())
    sys.stdout.write(json.dumps(public_key(own)) + "\n")
