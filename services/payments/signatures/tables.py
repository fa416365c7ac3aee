"""Tables of signatures: offices' public keys, and nonces that came lately."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Table, Text

from services.payments.tables import METADATA, words

OFFICE_KEYS = Table(
    "office_keys",
    METADATA,
    # The thumbprint of the key: whoever has the key knows what it is called.
    Column("key_id", Text, primary_key=True),
    *words("partner", "state", "public_key", "entered_by"),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("revoked_by", Text),
    Column("revoked_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('proposed', 'in_force', 'revoked')", name="state"),
    CheckConstraint("confirmed_by <> entered_by", name="four_eyes"),
    CheckConstraint("state <> 'in_force' OR confirmed_by IS NOT NULL", name="confirmed"),
    CheckConstraint("(state = 'revoked') = (revoked_by IS NOT NULL)", name="revoked_by_somebody"),
    Index("office_keys_by_partner", "partner"),
)
SIGNATURE_NONCES = Table(
    "signature_nonces",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Index("signature_nonces_by_age", "signed_at"),
)
