"""What payments signs, so that an office or an auditor can tell whose words they are.

Signatures are JWS with Ed25519 and a detached payload: `header..signature` over the bytes signed.
Source: RFC 7515 appendix F, RFC 8037.
"""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OKPKey

from services.payments.settings import Settings
from shared.settings import ServiceSettings

ALGORITHM = "Ed25519"
LOCAL_SEED = hashlib.sha256(b"local signing key, not for production").digest()


class Signer:
    """Signs with the newest key; the older ones are published so that old signatures hold."""

    def __init__(self, seeds: dict[int, bytes]) -> None:
        """`seeds` by version, 32 secret bytes each."""
        self._keys = {version: _key(version, seed) for version, seed in sorted(seeds.items())}
        self._newest = self._keys[max(self._keys)]

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Signer":
        """The signer of a process; SIGNING_KEYS is `1=<base64>,2=<base64>`, 32 bytes each."""
        assert isinstance(settings, Settings), settings
        written = settings.signing_keys.get_secret_value()
        if not written:
            return cls({1: LOCAL_SEED})
        pairs = (part.split("=", 1) for part in written.split(","))
        return cls({int(version): base64.b64decode(seed) for version, seed in pairs})

    def sign(self, payload: bytes) -> str:
        """The detached signature of these bytes, naming its key."""
        header = {"alg": ALGORITHM, "kid": self._newest.kid}
        signed = jws.serialize_compact(header, payload, self._newest, algorithms=[ALGORITHM])
        head, _, tail = signed.split(".")
        return f"{head}..{tail}"

    @property
    def key_id(self) -> str:
        """What the newest key is called."""
        return str(self._newest.kid)

    def sign_bytes(self, payload: bytes) -> bytes:
        """The bare Ed25519 signature of these bytes with the newest key."""
        private = self._newest.private_key
        assert isinstance(private, Ed25519PrivateKey)
        return private.sign(payload)

    def published(self) -> KeySetSerialization:
        """The public keys as a JSON Web Key Set."""
        return KeySet(list(self._keys.values())).as_dict(private=False)


def is_signed(payload: bytes, signature: str, keys: KeySet) -> bool:
    """Whether a detached signature over these bytes was made with one of the keys."""
    try:
        jws.deserialize_compact(signature, keys, algorithms=[ALGORITHM], payload=payload)
    except (JoseError, ValueError):
        return False
    return True


def _key(version: int, seed: bytes) -> OKPKey:
    """A signing key with its name."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return OKPKey.import_key(private, {"kid": f"payments-{version}", "use": "sig"})
