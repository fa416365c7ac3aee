"""Names, codes and accounts: digests that stand for a person, fields sealed at rest, the read log.

References are HMAC-SHA-256 over the personal code with a secret key and the key's version in
front; sealed fields are AES-256-GCM with the key's version in the value (our rule).
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
    insert,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import Person
from shared.settings import ServiceSettings

NONCE_BYTES = 12
LOCAL_KEY = hashlib.sha256(b"local field key, not for production").digest()


class Pseudonyms:
    """Turns codes and papers into references that are the same in every cell and tell nothing."""

    def __init__(self, key: bytes, *, version: int = 1) -> None:
        """`key` is secret; `version` goes into the reference so that keys can be changed."""
        self._key = key
        self._version = version
        self._begun: dict[str, hmac.HMAC] = {}

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Pseudonyms":
        """The pseudonyms of a process by its settings."""
        return cls(
            settings.pseudonym_key.get_secret_value().encode(), version=settings.pseudonym_version
        )

    def pupil_ref(self, personal_code: str) -> str:
        """The reference of a pupil by personal code (11 digits without dash)."""
        return self._ref("p", personal_code)

    def staff_ref(self, personal_code: str) -> str:
        """The reference of a member of staff by personal code."""
        return self._ref("s", personal_code)

    def household_ref(self, address: str) -> str:
        """The reference of a household by its address, without case and surplus space."""
        return self._ref("h", " ".join(address.casefold().split()))

    def evidence_ref(self, digest: bytes) -> str:
        """The reference of a piece of evidence by its digest, so that no number can be tried."""
        return self._ref("e", digest.hex())

    def account_ref(self, iban: str) -> str:
        """The reference of a bank account, to compare two without keeping either."""
        return self._ref("a", iban)

    def _ref(self, kind: str, personal_code: str) -> str:
        """First 128 bits of the keyed digest; kinds never meet."""
        if kind not in self._begun:
            self._begun[kind] = hmac.new(self._key, f"{kind}:".encode(), hashlib.sha256)
        digest = self._begun[kind].copy()
        digest.update(personal_code.encode())
        return f"{kind}{self._version}:{digest.hexdigest()[:32]}"


class FieldCipher:
    """Seals single fields; several keys may open, the newest seals."""

    def __init__(self, keys: dict[int, bytes]) -> None:
        """`keys` by version, 32 bytes each."""
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys)

    @classmethod
    def of(cls, settings: ServiceSettings) -> "FieldCipher":
        """The cipher of a process; FIELD_KEYS is `1=<base64>,2=<base64>`, 32 bytes each."""
        text = settings.field_keys.get_secret_value()
        if not text:
            return cls({1: LOCAL_KEY})
        pairs = (part.split("=", 1) for part in text.split(","))
        return cls({int(version): base64.b64decode(key) for version, key in pairs})

    def seal(self, text: str) -> bytes:
        """Version (1 byte), nonce (12 bytes), ciphertext with tag."""
        nonce = os.urandom(NONCE_BYTES)
        version = bytes([self._newest])
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), version)
        return version + nonce + sealed

    def open(self, sealed: bytes) -> str:
        """The text of a sealed field; raises InvalidTag where it was tampered with."""
        version, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return self._ciphers[version[0]].decrypt(nonce, rest, version).decode()


def add_read_log(metadata: MetaData) -> Table:
    """The table of who read whose fields and why; added once to a service's metadata."""
    if "read_log" in metadata.tables:
        return metadata.tables["read_log"]
    return Table(
        "read_log",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("read_at", DateTime(timezone=True), nullable=False),
        Column("reader", Text, nullable=False),
        Column("subject_ref", Text, nullable=False),
        Column("fields", ARRAY(Text), nullable=False),
        Column("reason", Text, nullable=False),
        Index("read_log_by_subject", "subject_ref", "id"),
    )


async def log_reads(
    session: AsyncSession,
    read_log: Table,
    *,
    reader: Person,
    subject_refs: Iterable[str],
    fields: Iterable[str],
    reason: str,
    now: datetime,
) -> None:
    """Write who reads which fields of whom and why, in the transaction that reads them."""
    names = sorted(fields)
    rows = [
        {
            "read_at": now,
            "reader": reader.subject,
            "subject_ref": ref,
            "fields": names,
            "reason": reason,
        }
        for ref in sorted(set(subject_refs))
    ]
    if rows:
        await session.execute(insert(read_log), rows)
