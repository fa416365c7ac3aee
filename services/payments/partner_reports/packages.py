"""Claim packages for the managing authority: verified lines with their documents, signed.

Personal data is limited to need: no name, no account, no reference of a pupil is in a package.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments import archive
from services.payments.ledger import store as ledger_rows
from services.payments.orders.store import new_ids
from services.payments.partner_reports import package_rows
from services.payments.partner_reports.package_rows import PackageRow
from services.payments.rulebook import PACKAGE_LINES_MAX
from services.payments.signing import Signer
from shared.auth import STATE, Person, Role
from shared.calendar import TIMEZONE, CalendarDay
from shared.errors import NotFound, Refused
from shared.settings import ServiceSettings

READERS = (Role.STATE_OFFICER, Role.AUDITOR)
LINE_COLUMNS = (
    "partner report_period line_no order_id kind ref support_type month plan_code project_id"
    " service_date booked_on cents decision accepted_cents accepted_esf_cents"
    " accepted_state_cents reason_code"
).split()
DOCUMENT_COLUMNS = (
    "order_id evidence_kind evidence_digest bank_file_id bank_file_sha256 end_to_end_id"
).split()


class NothingToClaim(Refused):
    """No verified line up to this day waits for a claim package."""

    code = "nothing-to-claim"


class PackageUnknown(NotFound):
    """There is no such claim package."""

    code = "claim-package-unknown"


class PackageWanted(BaseModel):
    """Make the claim package of everything verified and booked up to a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    last_day: CalendarDay


@dataclass(frozen=True)
class Made:
    """A package as made; `more` says that lines are left for another one."""

    package: PackageRow
    more: bool


async def make_package(
    session: AsyncSession, wanted: PackageWanted, *, by: Person, now: datetime
) -> Made:
    """Put verified lines, the oldest first, into a package; each line is in one package."""
    by.must({Role.STATE_OFFICER}, STATE)
    rules = await ledger_rows.load_rulebook(session)
    most = int(rules.value(PACKAGE_LINES_MAX, now.astimezone(TIMEZONE).date()))
    package_id = new_ids(1, now)[0]
    taken, more = await package_rows.take_lines(
        session, package_id, last_day=wanted.last_day, most=most
    )
    if not taken:
        raise NothingToClaim(field="last_day")
    lines = await package_rows.lines_of(session, package_id)
    row = PackageRow(
        package_id=package_id,
        last_day=wanted.last_day,
        lines=len(lines),
        cents=sum(line["accepted_cents"] for line in lines),
        esf_cents=sum(line["accepted_esf_cents"] for line in lines),
        state_cents=sum(line["accepted_state_cents"] for line in lines),
        made_by=by.subject,
        sha256="",
        made_at=now,
    )
    files = _files(lines)
    row = row._replace(sha256=archive.digest_of(archive.manifest_of(files, _about(row))))
    await package_rows.insert_package(session, row)
    return Made(row, more)


async def package(
    session: AsyncSession, package_id: str, settings: ServiceSettings, *, by: Person
) -> tuple[PackageRow, bytes]:
    """The archive of a package, built anew from its lines; its manifest is the one it was."""
    by.must(READERS, STATE)
    row = await package_rows.package(session, package_id)
    if row is None:
        raise PackageUnknown()
    files = _files(await package_rows.lines_of(session, package_id))
    about = _about(row)
    assert archive.digest_of(archive.manifest_of(files, about)) == row.sha256, package_id
    return row, archive.packed(files, about, Signer.of(settings))


async def packages(session: AsyncSession, *, by: Person) -> list[PackageRow]:
    """All packages, the newest first."""
    by.must(READERS, STATE)
    return await package_rows.packages(session)


def _about(row: PackageRow) -> dict[str, Any]:
    """What the manifest says of the whole."""
    return {
        "what": "claim package",
        "package_id": row.package_id,
        "last_day": row.last_day.isoformat(),
        "lines": row.lines,
        "cents": row.cents,
        "esf_cents": row.esf_cents,
        "state_cents": row.state_cents,
        "made_by": row.made_by,
        "made_at": row.made_at.isoformat(),
    }


def _files(lines: Sequence[RowMapping]) -> dict[str, bytes]:
    """The lines, their documents, and sums by partner and support type."""
    return {
        "lines.csv": _csv(LINE_COLUMNS, lines),
        "documents.csv": _csv(DOCUMENT_COLUMNS, (line for line in lines if line["cents"] > 0)),
        "summary.json": archive.as_json(_summary(lines)),
    }


def _csv(columns: Sequence[str], lines: Iterable[RowMapping]) -> bytes:
    """Rows as CSV with a header line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([line[column] for column in columns] for line in lines)
    return text.getvalue().encode()


def _summary(lines: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """Accepted sums by partner and support type."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for line in lines:
        found = sums.setdefault((line["partner"], line["support_type"]), {"lines": 0})
        found["lines"] += 1
        for part in ("cents", "esf_cents", "state_cents"):
            found[part] = found.get(part, 0) + line[f"accepted_{part}"]
    return [
        {"partner": partner, "support_type": kind, **values}
        for (partner, kind), values in sorted(sums.items())
    ]
