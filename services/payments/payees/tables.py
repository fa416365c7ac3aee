"""The table of changes of payees: proposed by one person, confirmed by another, in force later."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from services.payments.tables import METADATA, words

PAYEE_CHANGES = Table(
    "payee_changes",
    METADATA,
    Column("change_id", Text, primary_key=True),
    *words("partner", "payee_id"),
    # The version the payee has once this change is in force; the payee as entered is version 1.
    Column("version", Integer, nullable=False),
    *words("state"),
    # The payee as it is to be, with the reason, as one sealed JSON text.
    Column("sealed", LargeBinary, nullable=False),
    *words("account_shown", "proposed_by"),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("in_force_from", Date),
    Column("refused_by", Text),
    Column("refused_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["partner", "payee_id"], ["payees.partner", "payees.payee_id"]),
    CheckConstraint("state IN ('proposed', 'confirmed', 'refused')", name="state"),
    CheckConstraint("confirmed_by <> proposed_by", name="four_eyes"),
    CheckConstraint(
        "state <> 'confirmed' OR"
        " confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL AND in_force_from IS NOT NULL",
        name="confirmed_by_somebody",
    ),
    CheckConstraint("(state = 'refused') = (refused_by IS NOT NULL)", name="refused_by_somebody"),
    CheckConstraint("state <> 'proposed' OR confirmed_by IS NULL", name="proposed_is_undecided"),
    Index(
        "payee_changes_one_proposed",
        "partner",
        "payee_id",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
    Index(
        "payee_changes_one_per_version",
        "partner",
        "payee_id",
        "version",
        unique=True,
        postgresql_where=text("state = 'confirmed'"),
    ),
)
