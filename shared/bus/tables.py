"""The tables every service keeps for the bus, copied into its own metadata.

`outbox`, `relay_state`, `relay_batch` and `outbox_dead` are about what a service says,
`last_sequence`, `dead_letters` and `parked_keys` about what it hears.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, JSONB, UUID
from sqlalchemy.engine import Connection

PAYLOAD_BYTES_MAX = 900_000
REASON_CHARACTERS_MAX = 500
# Rows live for milliseconds: the table is swept by count, not by share, and without pauses.
_SHORT_LIVED = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 5000,
    "autovacuum_vacuum_cost_delay": 0,
}


@dataclass(frozen=True)
class BusTables:
    """The bus tables of one service's metadata."""

    outbox: Table
    outbox_dead: Table
    relay_state: Table
    relay_batch: Table
    last_sequence: Table
    dead_letters: Table
    parked_keys: Table

    def all(self) -> tuple[Table, ...]:
        """All of them, in an order in which they can be created."""
        return (
            self.outbox,
            self.outbox_dead,
            self.relay_state,
            self.relay_batch,
            self.last_sequence,
            self.dead_letters,
            self.parked_keys,
        )


def add_bus_tables(metadata: MetaData) -> BusTables:
    """Add the bus tables to a service's metadata; asked twice, gives the same ones."""
    known = metadata.info.get("bus_tables")
    if isinstance(known, BusTables):
        return known
    tables = BusTables(
        outbox=_outbox(metadata),
        outbox_dead=_outbox_dead(metadata),
        relay_state=_relay_state(metadata),
        relay_batch=_relay_batch(metadata),
        last_sequence=_last_sequence(metadata),
        dead_letters=_dead_letters(metadata),
        parked_keys=_parked_keys(metadata),
    )
    metadata.info["bus_tables"] = tables
    return tables


def create_bus_tables(connection: Connection) -> None:
    """Create the bus tables where they are missing; for a service's first migration."""
    metadata = MetaData()
    metadata.create_all(connection, tables=list(add_bus_tables(metadata).all()))


def _one_row() -> Column[Any]:
    """The key of a table that holds one row at most."""
    return Column("one", Boolean, primary_key=True, server_default=text("true"))


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", UUID(as_uuid=True), nullable=False),
        Column("topic", Text, nullable=False),
        Column("part_key", Text, nullable=False),
        Column("headers", LargeBinary, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column(
            "created_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.clock_timestamp(),
        ),
        CheckConstraint(
            f"octet_length(payload) <= {PAYLOAD_BYTES_MAX}", name="outbox_payload_fits"
        ),
        postgresql_with=dict(_SHORT_LIVED),
    )


def _outbox_dead(metadata: MetaData) -> Table:
    return Table(
        "outbox_dead",
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("event_id", UUID(as_uuid=True), nullable=False),
        Column("topic", Text, nullable=False),
        Column("part_key", Text, nullable=False),
        Column("headers", LargeBinary, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("buried_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("buried_by", Text, nullable=False),
        Column("buried_why", Text, nullable=False),
    )


def _relay_state(metadata: MetaData) -> Table:
    return Table(
        "relay_state",
        metadata,
        _one_row(),
        Column("epoch", BigInteger, nullable=False),
        Column("next_n", BigInteger, nullable=False),
        Column("leader", Text, nullable=False),
        Column("turned_at", DateTime(timezone=True)),
        CheckConstraint("one", name="relay_state_one_row"),
        postgresql_with={**_SHORT_LIVED, "autovacuum_vacuum_threshold": 200},
    )


def _relay_batch(metadata: MetaData) -> Table:
    return Table(
        "relay_batch",
        metadata,
        _one_row(),
        Column("epoch", BigInteger, nullable=False),
        Column("first_n", BigInteger, nullable=False),
        Column("ids", INT8MULTIRANGE, nullable=False),
        CheckConstraint("one", name="relay_batch_one_row"),
        postgresql_with={**_SHORT_LIVED, "autovacuum_vacuum_threshold": 200},
    )


def _last_sequence(metadata: MetaData) -> Table:
    return Table(
        "last_sequence",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("epoch", BigInteger, nullable=False),
        Column("n", BigInteger, nullable=False),
        postgresql_with={**_SHORT_LIVED, "autovacuum_vacuum_threshold": 500, "fillfactor": 50},
    )


def _dead_letters(metadata: MetaData) -> Table:
    return Table(
        "dead_letters",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("part", Integer, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("told_at", DateTime(timezone=True), nullable=False),
        Column("source", Text),
        Column("sequence", Text),
        Column("ce_id", Text),
        Column("ce_type", Text),
        Column("part_key", Text),
        Column("headers", JSONB, nullable=False),
        Column("value", LargeBinary),
        Column("stage", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("state", Text, nullable=False, server_default="open"),
        Column("dead_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("service_version", Text, nullable=False),
        Column("settled_by", Text),
        Column("settled_at", DateTime(timezone=True)),
        Column("settled_why", Text),
        CheckConstraint(
            "stage IN ('read', 'contract', 'effect', 'parked')", name="dead_letters_stage"
        ),
        CheckConstraint("state IN ('open', 'replayed', 'discarded')", name="dead_letters_state"),
        CheckConstraint(
            "(state = 'open') = (settled_by IS NULL)", name="dead_letters_settled_by_somebody"
        ),
        CheckConstraint(
            f"length(reason) <= {REASON_CHARACTERS_MAX}", name="dead_letters_reason_is_short"
        ),
        UniqueConstraint("consumer", "topic", "part", "position", name="dead_letters_once"),
        Index("dead_letters_open", "consumer", "part_key", postgresql_where=text("state = 'open'")),
    )


def _parked_keys(metadata: MetaData) -> Table:
    return Table(
        "parked_keys",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("part_key", Text, primary_key=True),
        Column("since", BigInteger, ForeignKey("dead_letters.id"), nullable=False),
    )
