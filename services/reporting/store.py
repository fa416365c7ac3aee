"""Tables of reporting. The first part is the municipal level's, the second the national one's.

No table of the national level holds a reference of a pupil, and nothing there is read from the
first part: what it knows came over the bus.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.reporting import measures
from shared.db import new_metadata
from shared.migrations import add_shared_tables

METADATA = add_shared_tables(new_metadata())
HOT = {"fillfactor": 70}
PAID_ONCE = {"fillfactor": 45}
"""Nearly every order is written when it is made and once more when it is paid: room for both."""


def _words(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _became(name: str) -> list[Column[Any]]:
    """Cents of an order that became something, their ESF part, and the last day they did."""
    return [
        Column(f"{name}_cents", BigInteger, nullable=False, server_default="0"),
        Column(f"{name}_esf_cents", BigInteger, nullable=False, server_default="0"),
        Column(f"{name}_on", Text),
    ]


PUPILS = Table(
    "pupils",
    METADATA,
    # The row that is locked before anything about the pupil is counted.
    Column("pupil_ref", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("arrivals", JSONB, nullable=False),
    Column("named", JSONB, nullable=False),
)
PLAN_FILES = Table(
    "plan_files",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    *_words("pupil_ref", "semester", "school_id", "partner", "municipality_id"),
    Column("body", JSONB, nullable=False),
    Index("plan_files_by_pupil", "pupil_ref"),
    Index("plan_files_by_school", "school_id", "semester"),
    Index("plan_files_by_partner", "partner", "semester"),
    Index("plan_files_by_municipality", "municipality_id", "semester"),
    postgresql_with=HOT,
)
CONSULTATIONS = Table(
    "consultations",
    METADATA,
    Column("consultation_id", Text, primary_key=True),
    *_words("plan_id"),
    Index("consultations_by_plan", "plan_id"),
)
STAFF = Table(
    "staff",
    METADATA,
    # The row that is locked before anything about a person of the staff is counted.
    Column("staff_ref", Text, primary_key=True),
)
STAFF_WORK = Table(
    "staff_work",
    METADATA,
    Column("staff_ref", Text, primary_key=True),
    Column("plan_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    *_words("semester", "school_id", "partner", "municipality_id", "since"),
    CheckConstraint("role IN ('prepared', 'consulted')", name="role"),
    Index("staff_work_by_plan", "plan_id"),
)
ORDERS = Table(
    "orders",
    METADATA,
    Column("order_id", Text, primary_key=True),
    *_words("school_id", "partner", "municipality_id", "support_type", "month"),
    Column("plan_id", Text),
    *_words("service_day"),
    Column("version", Integer, nullable=False),
    *_became("ordered"),
    *_became("settled"),
    *_became("returned"),
    *_became("recovered"),
    *_became("accepted"),
    *_became("reduced"),
    *_became("rejected"),
    Index("orders_by_month_and_place", "month", "municipality_id"),
    Index("orders_by_plan", "plan_id"),
    postgresql_with=PAID_ONCE,
)
PROJECTS = Table(
    "projects",
    METADATA,
    Column("project_key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    *_words("partner", "municipality_id"),
    Column("adds", JSONB, nullable=False),
)
ALLOCATIONS = Table(
    "allocations",
    METADATA,
    # The last picture of each: what a partner may promise in a semester, and how it stands.
    Column("partner", Text, primary_key=True),
    Column("semester", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    *_words("municipality_id"),
    *(Column(f"{part}_cents", BigInteger, nullable=False) for part in measures.ALLOCATIONS),
)
AGGREGATES = Table(
    "aggregates",
    METADATA,
    Column("aggregate_key", Text, primary_key=True),
    *_words("level", "partner", "municipality_id", "school_id", "period", "measure", "cut"),
    Column("value", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("count_no", BigInteger, nullable=False),
    Index("aggregates_by_period_and_measure", "period", "measure"),
    Index("aggregates_by_school", "school_id", "period"),
    postgresql_with=HOT,
)
COUNT_NUMBER = Table(
    "count_number",
    METADATA,
    # One row: who has it writes counts; so keys are told in one order only.
    Column("one", Boolean, primary_key=True, server_default="true"),
    Column("number", BigInteger, nullable=False),
    CheckConstraint("one", name="one_row"),
)
TERRITORIES = Table(
    "territories",
    METADATA,
    # One row: on which maps municipalities count with others, as all counts assume it now.
    Column("one", Boolean, primary_key=True, server_default="true"),
    *_words("register"),
    Column("merged", JSONB, nullable=False),
    CheckConstraint("one", name="one_row"),
)
POSITIONS = Table(
    "positions",
    METADATA,
    # How far facts of a topic were taken into account: counted (municipal) or kept (national).
    Column("topic", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)

NATIONAL_CELLS = Table(
    "national_cells",
    METADATA,
    Column("aggregate_key", Text, primary_key=True),
    *_words("level", "partner", "municipality_id", "school_id", "period", "measure", "cut"),
    Column("value", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Index("national_cells_by_period_and_measure", "period", "measure"),
    postgresql_with=HOT,
)
COUNTED_THROUGH = Table(
    "counted_through",
    METADATA,
    Column("aggregate_key", Text, primary_key=True),
    *_words("cell"),
    Column("version", Integer, nullable=False),
    Column("count_no", BigInteger, nullable=False),
    Column("positions", JSONB, nullable=False),
)
EDITIONS = Table(
    "editions",
    METADATA,
    Column("edition_id", Text, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    *_words("period", "published_by"),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("positions", JSONB, nullable=False),
    # Cells, registers and parameters as they were: everything the tables are a function of.
    Column("inputs", JSONB, nullable=False),
    Column("printed", JSONB, nullable=False),
    Column("blocked", JSONB, nullable=False),
    Column("guarded", Integer, nullable=False),
    UniqueConstraint("number"),
)
EDITION_TABLES = Table(
    "edition_tables",
    METADATA,
    Column("edition_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    *_words("sha256"),
    CheckConstraint("format IN ('json', 'csv')", name="format"),
)
EXPORTS = Table(
    "exports",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_words("edition_id", "name", "format", "person"),
    Column("exported_at", DateTime(timezone=True), nullable=False),
    Index("exports_by_edition", "edition_id"),
)
SUBJECTS = Table(
    "subjects",
    METADATA,
    Column("subject_id", Text, primary_key=True),
    *_words("measure", "level", "place", "cut", "rule", "blocks"),
    Column("period", Text),
)
DECLARED_VALUES = Table(
    "declared_values",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_words("subject_id", "source", "declared_by"),
    Column("value", JSONB),
    Column("text_mark", Text),
    Column("definition", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("declared_at", DateTime(timezone=True), nullable=False),
    Index("declared_values_by_subject", "subject_id"),
)
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_words("subject_id", "reason", "decided_by"),
    Column("readings", JSONB, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Index("decisions_by_subject", "subject_id"),
)
ANNOUNCEMENTS = Table(
    "announcements",
    METADATA,
    Column("announcement_id", Text, primary_key=True),
    *_words("measure", "level", "place", "source", "announced_by"),
    Column("period", Text),
    Column("value", JSONB, nullable=False),
    Column("members", JSONB, nullable=False),
    Column("precision", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("announced_on", Date),
    Column("announced_at", DateTime(timezone=True), nullable=False),
)
