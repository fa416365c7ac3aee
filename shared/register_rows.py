"""Tables of the registers that identification tells and every service projects."""

from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True)
class RegisterTables:
    """The projection's tables inside one service's metadata."""

    municipalities: Table
    schools: Table
    semesters: Table
    grants: Table
    parameters: Table


def add_register_tables(metadata: MetaData) -> RegisterTables:
    """Add the tables to a service's metadata; asking again gives the same tables."""
    if "register_schools" not in metadata.tables:
        _add_places(metadata)
        _add_semesters(metadata)
        _add_rights(metadata)
    tables = metadata.tables
    return RegisterTables(
        municipalities=tables["register_municipalities"],
        schools=tables["register_schools"],
        semesters=tables["register_semesters"],
        grants=tables["register_grants"],
        parameters=tables["parameters"],
    )


def _add_places(metadata: MetaData) -> None:
    """Municipalities and schools."""
    Table(
        "register_municipalities",
        metadata,
        Column("municipality_id", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("name_lv", Text, nullable=False),
        Column("name_en", Text, nullable=False),
        Column("codes", JSONB, nullable=False),
        Column("successor_id", Text),
        Column("valid_from", Date),
        Column("valid_to", Date),
        Column("partner_since", Date),
    )
    Table(
        "register_schools",
        metadata,
        Column("school_id", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("name_lv", Text, nullable=False),
        Column("name_en", Text, nullable=False),
        Column("school_kind", Text, nullable=False),
        Column("institution_type", Text, nullable=False),
        Column("partner", Text, nullable=False),
        Column("municipality_id", Text, nullable=False),
        Column("state_vocational", Boolean, nullable=False),
        Column("status", Text, nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_to", Date),
    )


def _add_semesters(metadata: MetaData) -> None:
    """First and last day and breaks of each semester."""
    Table(
        "register_semesters",
        metadata,
        Column("semester", Text, primary_key=True),
        # A school's id, a municipality's number, or empty for the country.
        Column("place", Text, primary_key=True, server_default=""),
        Column("version", Integer, nullable=False),
        Column("first_day", Date, nullable=False),
        Column("last_day", Date, nullable=False),
        Column("breaks", JSONB, nullable=False),
        Column("days_off", JSONB, nullable=False, server_default="[]"),
        Column("extra_days", JSONB, nullable=False, server_default="[]"),
        Column("grades", JSONB, nullable=False, server_default="[]"),
        Column("source", Text, nullable=False),
    )


def _add_rights(metadata: MetaData) -> None:
    """Grants of people, and parameters of all owners."""
    Table(
        "register_grants",
        metadata,
        Column("grant_id", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("subject", Text, nullable=False),
        Column("staff_ref", Text),
        Column("role", Text, nullable=False),
        Column("organisation", Text, nullable=False),
        Column("staff_kind", Text),
        Column("valid_from", Date, nullable=False),
        Column("valid_to", Date),
        Column("revoked_on", Date),
        Index("register_grants_by_subject", "subject"),
    )
    Table(
        "parameters",
        metadata,
        Column("name", Text, primary_key=True),
        Column("place", Text, primary_key=True),
        Column("valid_from", Date, primary_key=True),
        Column("valid_to", Date),
        Column("value", JSONB, nullable=False),
        Column("text_received", Text),
        Column("source", Text, nullable=False),
        Column("approved_by", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("version", Integer, nullable=False),
    )
