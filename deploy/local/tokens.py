"""Signed tokens for local runs and tests: who somebody is, never what they may do.

The key is made here and kept in a file only its owner reads. What a person may do comes from the
grants that identification keeps.
"""

import json
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

AUDIENCE = "pumpurs"
ALGORITHM = "ES256"
LIFETIME_SECONDS = 12 * 60 * 60
"""A working day and a little more."""


class TokenIssuer:
    """Signs tokens in the name of `issuer`, an address."""

    def __init__(self, issuer: str, key: ECKey) -> None:
        self.issuer = issuer
        self._key = key

    @classmethod
    def with_key_file(cls, issuer: str, path: Path) -> "TokenIssuer":
        """An issuer whose key lies in a file; the file is made where it is missing."""
        if not path.exists():
            key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(json.dumps(key.as_dict(private=True)))
        return cls(issuer, ECKey.import_key(json.loads(path.read_text())))

    def keys(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set."""
        return {"keys": [self._key.as_dict(private=False)]}

    def write_keys(self, path: Path) -> Path:
        """Write the public key set into a file, for services that read it from there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.keys()))
        return path

    def token(
        self,
        subject: str,
        *,
        name: str | None = None,
        audience: str = AUDIENCE,
        lifetime_seconds: int = LIFETIME_SECONDS,
        **claims: Any,
    ) -> str:
        """A signed token that says who somebody is; a negative lifetime makes one that ran out."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "iat": now,
            "exp": now + lifetime_seconds,
            "name": name or subject,
            **claims,
        }
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, said, self._key, algorithms=[ALGORITHM])
