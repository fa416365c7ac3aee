"""Table of talks with parents about absences."""

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Table, Text

from services.identification.store import METADATA, moment, word

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("contact_id", Text, primary_key=True),
    word("pupil_ref"),
    word("school_id"),
    Column("absent_on", Date, nullable=False),
    Column("contacted_at", DateTime(timezone=True)),
    word("person_kind"),
    word("result_code"),
    Column("returned_on", Date),
    Column("excused_on", Date),
    Column("contact_late", Boolean, nullable=False),
    Column("excuse_late", Boolean, nullable=False),
    word("entered_by"),
    moment("entered_at"),
    Index("contacts_by_pupil", "pupil_ref"),
)
