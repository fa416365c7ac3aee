"""Giving and revoking roles, in any order: what lacks a link waits for it and says so."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import grant_rows, grant_rules, store
from services.identification.domain import made_id
from services.identification.entries import GrantEntry, RevocationEntry
from services.identification.grant_rules import Links, State
from services.identification.place_rules import PeriodReversed
from services.identification.store import GRANTS, Row
from services.identification.verdicts import judged, once
from services.identification.vocabulary import STAFF_KINDS
from shared import registers
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import StaffGranted, StaffRevoked

TOLD = (
    "grant_id",
    "subject",
    "staff_ref",
    "role",
    "organisation",
    "staff_kind",
    "valid_from",
    "valid_to",
)


async def give_grants(
    session: AsyncSession, lines: Sequence[tuple[int, GrantEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Give roles; the state gives all, heads and coordinators those in their schools."""
    await store.lock_registers(session)
    lines, twice = once(lines, grant_id_of)
    before = {
        row["grant_id"]: row
        for row in await store.rows_of(
            session, GRANTS.c.grant_id, [grant_id_of(entry) for _, entry in lines]
        )
    }
    links = await grant_rows.links_of(session, [entry.model_dump() for _, entry in lines])
    kinds = await grant_rows.staff_kinds(session, links)

    def grant(entry: GrantEntry) -> tuple[Row, bool]:
        _check(entry, links, by=by)
        known = before.get(grant_id_of(entry))
        row = _row(entry, known, links, kinds, by=by, now=now)
        return row, row is not known

    good, wrong = judged(lines, grant)
    await _save_and_tell(session, [row for _, (row, changed) in good if changed], now=now)
    return [*twice, *wrong, *(_answer(number, *judgement) for number, judgement in good)]


def grant_id_of(entry: GrantEntry) -> str:
    """The id given, or the one that follows from who, what, where and from when."""
    return entry.grant_id or made_id(
        "grant", entry.subject, entry.role, entry.organisation, entry.valid_from
    )


def _answer(number: int, row: Row, changed: bool) -> LineAnswer:
    """Accepted, with whether it holds and what it waits for."""
    return accepted(
        number,
        row["grant_id"],
        state=row["state"],
        waits_for=row["waits_for"],
        changed=changed,
    )


def _check(entry: GrantEntry, links: Links, *, by: Person) -> None:
    """Raise what speaks against the grant, whatever else is known."""
    role = grant_rules.read_role(entry.role)
    grant_rules.check_organisation(role, entry.organisation)
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        raise PeriodReversed(field="valid_to")
    if entry.staff_kind is not None and entry.staff_kind not in STAFF_KINDS:
        raise grant_rules.UnknownStaffKind(field="staff_kind", known=sorted(STAFF_KINDS))
    _check_giver(by, role, entry.organisation, links)


def _check_giver(by: Person, role: Role, organisation: str, links: Links) -> None:
    """Raise OutsideScope where the person may not give or take this role there."""
    partner = links.schools.get(organisation, organisation)
    by.must(grant_rules.givers_of(role), organisation, partner, STATE)


def _row(
    entry: GrantEntry,
    before: Row | None,
    links: Links,
    kinds: Mapping[str, str],
    *,
    by: Person,
    now: datetime,
) -> Row:
    """The grant as it will lie in the table; the row as it was where nothing changes."""
    if before is not None and before["state"] == State.REVOKED:
        raise grant_rules.GrantWasRevoked(field="grant_id")
    staff_ref = entry.staff_ref or links.staff_of_subject.get(entry.subject)
    waits = grant_rules.waits_for(
        Role(entry.role),
        entry.organisation,
        subject=entry.subject,
        staff_ref=entry.staff_ref,
        links=links,
    )
    said = entry.model_dump() | {
        "grant_id": grant_id_of(entry),
        "staff_ref": staff_ref,
        "staff_kind": entry.staff_kind or kinds.get(staff_ref or ""),
        "state": State.WAITING if waits else State.GRANTED,
        "waits_for": waits,
        "revoked_on": None,
        "reason_code": None,
    }
    if before is not None and all(before[name] == value for name, value in said.items()):
        return before
    return said | {
        "version": before["version"] + 1 if before else 1,
        "entered_by": before["entered_by"] if before else by.subject,
        "entered_at": before["entered_at"] if before else now,
        "changed_by": by.subject,
        "changed_at": now,
    }


async def _save_and_tell(session: AsyncSession, rows: Sequence[Row], *, now: datetime) -> None:
    """Keep changed grants; those that hold are projected and told."""
    await store.keep(session, GRANTS, rows)
    facts = [
        StaffGranted(
            register_key=f"grant:{row['grant_id']}",
            version=row["version"],
            **{name: row[name] for name in TOLD},
        )
        for row in rows
        if row["state"] == State.GRANTED
    ]
    await registers.keep_grants(session, store.as_received(facts, now))
    await publish(session, facts, at=now)


async def settle_waiting_for(
    session: AsyncSession, organisations: Collection[str], *, by: Person, now: datetime
) -> None:
    """The same where only these organisations are new; usually nobody waits for them."""
    if await grant_rows.anybody_waits(session, organisations):
        await settle_waiting(session, by=by, now=now)


async def settle_overlooked(session: AsyncSession, now: datetime) -> None:
    """Grants and their links that were entered at the same moment and did not see each other."""
    await settle_waiting(session, by=Person("identification"), now=now)


async def settle_waiting(session: AsyncSession, *, by: Person, now: datetime) -> None:
    """Let grants hold whose last missing link came just now; called by whoever adds links."""
    await store.lock_registers(session)
    waiting = await grant_rows.waiting_locked(session)
    if not waiting:
        return
    links = await grant_rows.links_of(session, waiting)
    kinds = await grant_rows.staff_kinds(session, links)
    changed = []
    for row in waiting:
        settled = _settled(row, links, kinds)
        if settled["waits_for"] != row["waits_for"]:
            version = {"version": row["version"] + 1, "changed_by": by.subject, "changed_at": now}
            changed.append(settled | version)
    await _save_and_tell(session, changed, now=now)


def _settled(row: Row, links: Links, kinds: Mapping[str, str]) -> dict[str, Any]:
    """A waiting grant by what is known now."""
    waits = grant_rules.waits_for(
        Role(row["role"]),
        row["organisation"],
        subject=row["subject"],
        staff_ref=row["staff_ref"],
        links=links,
    )
    staff_ref = row["staff_ref"] or links.staff_of_subject.get(row["subject"])
    return {
        **row,
        "staff_ref": staff_ref,
        "staff_kind": row["staff_kind"] or kinds.get(staff_ref or ""),
        "waits_for": waits,
        "state": State.WAITING if waits else State.GRANTED,
    }


async def revoke_grants(
    session: AsyncSession,
    lines: Sequence[tuple[int, RevocationEntry]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """End grants from a day on; one that still waited is gone without having held."""
    await store.lock_registers(session)
    lines, twice = once(lines, lambda entry: entry.grant_id)
    before = {
        row["grant_id"]: row
        for row in await store.rows_of(
            session, GRANTS.c.grant_id, [entry.grant_id for _, entry in lines]
        )
    }
    links = await grant_rows.links_of(session, before.values())

    def end(entry: RevocationEntry) -> tuple[Row, bool]:
        row = before.get(entry.grant_id)
        if row is None:
            raise grant_rules.UnknownGrant(field="grant_id")
        _check_giver(by, Role(row["role"]), row["organisation"], links)
        if row["state"] == State.REVOKED:
            return row, False
        return {**row, **_ended(row, entry, by=by, now=now)}, True

    good, wrong = judged(lines, end)
    changed = [row for _, (row, changed) in good if changed]
    await store.keep(session, GRANTS, changed)
    held = [row for row in changed if before[row["grant_id"]]["state"] == State.GRANTED]
    await _tell_ends(session, held, now=now)
    return [*twice, *wrong, *(_answer(number, *judgement) for number, judgement in good)]


async def _tell_ends(session: AsyncSession, rows: Sequence[Row], *, now: datetime) -> None:
    """Project and tell the end of grants that held; one that only waited was never told."""
    facts = [
        StaffRevoked(
            register_key=f"grant:{row['grant_id']}",
            version=row["version"],
            grant_id=row["grant_id"],
            revoked_on=row["revoked_on"],
            reason_code=row["reason_code"],
        )
        for row in rows
    ]
    if facts:
        await registers.end_grants(session, store.as_received(facts, now))
    await publish(session, facts, at=now)


def _ended(row: Row, entry: RevocationEntry, *, by: Person, now: datetime) -> dict[str, Any]:
    """What a revocation changes."""
    return {
        "version": row["version"] + 1,
        "state": State.REVOKED,
        "waits_for": [],
        "revoked_on": entry.revoked_on,
        "reason_code": entry.reason_code,
        "changed_by": by.subject,
        "changed_at": now,
    }
