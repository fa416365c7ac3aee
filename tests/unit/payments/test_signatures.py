"""Signatures of requests as plain values: the standard's own example, and what is not one."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.payments.signatures.domain import (
    Sent,
    SignatureUnreadable,
    read_signature,
    signature_base,
)

NOW = datetime(2021, 11, 15, tzinfo=UTC)
GOOD = (
    'sig1=("@method" "@path" "@query");created=1618884473;nonce="0123456789abcdef"'
    ';keyid="k";alg="ed25519"'
)


def test_the_example_of_the_standard_is_verified() -> None:
    """RFC 9421, B.2.6."""
    covered = {
        '"date"': "Tue, 20 Apr 2021 02:07:55 GMT",
        '"@method"': "POST",
        '"@path"': "/foo",
        '"@authority"': "example.com",
        '"content-type"': "application/json",
        '"content-length"': "18",
    }
    parameters = f'({" ".join(covered)});created=1618884473;keyid="test-key-ed25519"'
    base = signature_base(list(covered.items()), parameters)
    key = base64.urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
    signature = base64.b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    Ed25519PublicKey.from_public_bytes(key).verify(signature, base)


@pytest.mark.parametrize(
    ("told", "given"),
    [
        (None, "sig1=:AAAA:"),
        (GOOD, None),
        (GOOD, "sig1=:A:"),
        (GOOD, "sig2=:AAAA:"),
        (GOOD.replace("ed25519", "hmac-sha256"), "sig1=:AAAA:"),
        (GOOD.replace("0123456789abcdef", "short"), "sig1=:AAAA:"),
        (GOOD.replace(';nonce="0123456789abcdef"', ""), "sig1=:AAAA:"),
        (GOOD.replace("1618884473", "99999999999999"), "sig1=:AAAA:"),
        (GOOD.replace(';keyid="k"', ""), "sig1=:AAAA:"),
        (GOOD.replace("sig1=", "sig1=,"), "sig1=:AAAA:"),
        ("x" * 10_000, "sig1=:AAAA:"),
    ],
)
def test_what_is_no_signature_is_said_to_be_unreadable(told: str | None, given: str | None) -> None:
    sent = Sent("GET", "/x", "?", None, None, told, given)
    with pytest.raises(SignatureUnreadable):
        read_signature(sent, zone=NOW)
