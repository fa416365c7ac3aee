"""What payments signs: by the newest key, and the older ones still hold."""

from typing import Any

import pytest
from joserfc.jwk import KeySet
from pydantic import SecretStr, ValidationError

from services.payments.settings import Settings
from services.payments.signing import Signer, is_signed
from shared.settings import Environment

OLD, NEW = b"1" * 32, b"2" * 32


def test_a_signature_holds_for_these_bytes_alone_and_after_the_key_was_changed() -> None:
    keys = KeySet.import_key_set(Signer({1: OLD, 2: NEW}).published())
    for signer in (Signer({1: OLD}), Signer({1: OLD, 2: NEW})):
        signature = signer.sign("Ģertrūde".encode())
        assert ".." in signature
        assert is_signed("Ģertrūde".encode(), signature, keys)
        assert not is_signed("Gertrūde".encode(), signature, keys)


@pytest.mark.parametrize("signature", ["", "..", "a..b", "no signature"])
def test_what_is_no_signature_is_not_one(signature: str) -> None:
    keys = KeySet.import_key_set(Signer({1: OLD}).published())
    assert not is_signed(b"x", signature, keys)


def test_somebody_elses_key_does_not_sign_for_us() -> None:
    keys = KeySet.import_key_set(Signer({1: OLD}).published())
    assert not is_signed(b"x", Signer({1: NEW}).sign(b"x"), keys)


def test_only_public_parts_are_published() -> None:
    (key,) = Signer({1: OLD}).published()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use"}


def test_production_signs_with_keys_of_its_own() -> None:
    production: dict[str, Any] = {
        "environment": Environment.PRODUCTION,
        "database_url": "postgresql+asyncpg://unused",
        "pseudonym_key": SecretStr("secret"),
        "field_keys": SecretStr("1=" + "A" * 43 + "="),
        "oidc_jwks": "https://sign.in/jwks",
    }
    with pytest.raises(ValidationError, match="SIGNING_KEYS"):
        Settings(**production)
    production["evidence_key"] = SecretStr("secret")
    production["signing_keys"] = SecretStr("3=" + "A" * 43 + "=")
    with pytest.raises(ValidationError, match="PROGRAMME_DAYS_BEHIND"):
        Settings(**production, programme_days_behind=1)
    keyed = Settings(**production)
    (key,) = Signer.of(keyed).published()["keys"]
    assert key["kid"] == "payments-3"
