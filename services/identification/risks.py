"""Proposing pupils at risk, the second look, and the clearance of who is at risk no more."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import attendance_rows, risk_rows, risk_rules, store
from services.identification.domain import Pupil, check_enrolled, day_of, made_id
from services.identification.enrolment import common
from services.identification.pupil_entries import ClearanceEntry, Factor, LookEntry, RiskEntry
from services.identification.pupils import numbered, update_pupils
from services.identification.risk_factors import CATALOGUE
from services.identification.risk_rows import FACTORS, RISKS
from services.identification.risk_rules import DECISIONS, State
from services.identification.served_grades import Served, served_on
from services.identification.store import Row
from services.identification.target_group import check_target_group
from services.identification.verdicts import judged, once
from shared import registers
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import PupilCleared, PupilNamed
from shared.privacy import FieldCipher
from shared.school_days import Calendar

PROPOSED_BY = (Role.PREPARER, Role.SCHOOL_COORDINATOR)
CONFIRMED_BY = (Role.HEAD, Role.SCHOOL_COORDINATOR)


@dataclass(frozen=True)
class _Known:
    """What the registers say about the pupils of a command."""

    pupils: Mapping[str, tuple[Pupil, bytes]]
    calendar: Calendar
    served: Served
    today: date

    def pupil(self, pupil_ref: str, by: Person, roles: Sequence[Role]) -> Pupil:
        """The pupil, if the person has one of the roles in its school.

        Raises UnknownPupil, OutsideScope, PupilLeftSchool.
        """
        pupil = pupil_seen(self.pupils, pupil_ref, by, roles)
        check_enrolled(pupil)
        return pupil

    def check(self, pupil: Pupil, semester: str) -> None:
        """Raise NoSemester, SemesterOver, OutsideTargetGroup."""
        dates = registers.dates_of(self.calendar, semester, pupil.school_id, pupil.municipality_id)
        risk_rules.check_semester_open(dates.last_day, today=self.today)
        ranges = self.served.ranges(pupil)
        check_target_group(pupil.programme, pupil.grade, ranges, day=self.today)


def pupil_seen(
    pupils: Mapping[str, tuple[Pupil, bytes]], pupil_ref: str, by: Person, roles: Sequence[Role]
) -> Pupil:
    """The pupil; who has no right in its school learns not even that it is there."""
    if pupil_ref not in pupils:
        by.must((), pupil_ref)
    pupil = pupils[pupil_ref][0]
    by.must(roles, pupil.school_id)
    return pupil


async def _known(session: AsyncSession, refs: Sequence[str], now: datetime) -> _Known:
    """Pupils locked in the order of references, the calendar and whom the programme serves."""
    pupils = await store.pupils_locked(session, refs)
    found = [pupil for pupil, _ in pupils.values()]
    calendar = await registers.semesters(
        session, {place for pupil in found for place in (pupil.school_id, pupil.municipality_id)}
    )
    today = day_of(now)
    return _Known(pupils, calendar, await served_on(session, today), today)


async def propose_risks(
    session: AsyncSession, lines: Sequence[tuple[int, RiskEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Propose pupils of the person's schools; nothing follows before somebody else looks."""
    lines, twice = once(lines, lambda entry: (entry.pupil_ref, entry.semester))
    refs = [entry.pupil_ref for _, entry in lines]
    known = await _known(session, refs, now)
    semesters = {entry.semester for _, entry in lines}
    earlier: dict[tuple[str, str], list[str]] = {}
    for row in await risk_rows.proposals_before(session, refs, semesters):
        earlier.setdefault((row["pupil_ref"], row["semester"]), []).append(row["state"])
    seals = store.cipher(session)

    def propose(entry: RiskEntry) -> tuple[Row, list[Row]]:
        pupil = known.pupil(entry.pupil_ref, by, PROPOSED_BY)
        groups = risk_rules.check_factors(entry.factors)
        known.check(pupil, entry.semester)
        states = earlier.get((entry.pupil_ref, entry.semester), [])
        if State.PROPOSED in states or State.CONFIRMED in states:
            raise risk_rules.AlreadyProposed(field="pupil_ref")
        risk_id = made_id("risk", entry.pupil_ref, entry.semester, len(states))
        row = _proposal(risk_id, entry, pupil, groups, seals, by=by, now=now)
        return row, _factor_rows(risk_id, entry.factors, seals)

    good, wrong = judged(lines, propose)
    await store.add(session, RISKS, [row for _, (row, _) in good])
    await store.add(session, FACTORS, [row for _, (_, rows) in good for row in rows])
    answers = [
        accepted(line, row["risk_id"], risk_groups=row["risk_groups"], state=row["state"])
        for line, (row, _) in good
    ]
    return [*twice, *wrong, *answers]


def _proposal(
    risk_id: str,
    entry: RiskEntry,
    pupil: Pupil,
    groups: Sequence[str],
    seals: FieldCipher,
    *,
    by: Person,
    now: datetime,
) -> Row:
    """A proposal as the table keeps it."""
    return {
        "risk_id": risk_id,
        "version": 1,
        "pupil_ref": pupil.pupil_ref,
        "semester": entry.semester,
        "school_id": pupil.school_id,
        "municipality_id": pupil.municipality_id,
        "partner": pupil.partner,
        "risk_groups": list(groups),
        "state": State.PROPOSED,
        "proposed_by": by.subject,
        "proposed_at": now,
        "note_sealed": seals.seal(entry.note) if entry.note else None,
    }


def _factor_rows(risk_id: str, factors: Sequence[Factor], seals: FieldCipher) -> list[Row]:
    """Factors as the table keeps them; restricted ones and all texts are sealed."""
    rows: list[Row] = []
    for number, factor in enumerate(factors):
        known = CATALOGUE[factor.code]
        hide = known.restricted or factor.text is not None
        content = json.dumps(factor.model_dump(), ensure_ascii=False)
        rows.append(
            {
                "risk_id": risk_id,
                "number": number,
                "risk_group": known.group,
                "factor_code": None if hide else factor.code,
                "factor_sealed": seals.seal(content) if hide else None,
            }
        )
    return rows


async def look_at_risks(
    session: AsyncSession, lines: Sequence[tuple[int, LookEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """A second person confirms or rejects proposals with a reason; who is confirmed is named."""
    lines, twice = once(lines, lambda entry: entry.risk_id)
    rows = await risk_rows.risks_locked(session, [entry.risk_id for _, entry in lines])
    known = await _known(session, [row["pupil_ref"] for row in rows.values()], now)
    seals = store.cipher(session)

    def look(entry: LookEntry) -> Row:
        row, to = _seen(rows, entry.risk_id, known.pupils, by), DECISIONS[entry.decision]
        risk = risk_rows.risk_of(row)
        risk_rules.check_move(risk, to)
        risk_rules.check_second_look(risk, by=by.subject)
        if to is State.CONFIRMED:
            known.check(known.pupil(risk.pupil_ref, by, CONFIRMED_BY), risk.semester)
        return {
            "risk_id": entry.risk_id,
            "version": row["version"] + 1,
            "state": to,
            "decided_by": by.subject,
            "decided_at": now,
            "reason_sealed": seals.seal(entry.reason),
        }

    good, wrong = judged(lines, look)
    await store.change(session, RISKS, [row for _, row in good])
    decided = [rows[row["risk_id"]] for _, row in good]
    await _answer_signals(session, decided, by=by, now=now)
    named = [rows[row["risk_id"]] for _, row in good if row["state"] == State.CONFIRMED]
    await _name(session, named, known, by=by, now=now)
    return [
        *twice,
        *wrong,
        *(accepted(line, row["risk_id"], state=row["state"]) for line, row in good),
    ]


def _seen(
    rows: Mapping[str, Row], risk_id: str, pupils: Mapping[str, tuple[Pupil, bytes]], by: Person
) -> Row:
    """The proposal, if the person may look at it where the pupil is now.

    Raises UnknownRisk, OutsideScope.
    """
    if risk_id not in rows:
        raise risk_rules.UnknownRisk(field="risk_id")
    pupil_seen(pupils, rows[risk_id]["pupil_ref"], by, CONFIRMED_BY)
    return rows[risk_id]


async def _answer_signals(
    session: AsyncSession, decided: Sequence[Row], *, by: Person, now: datetime
) -> None:
    """Signals of the same pupil and semester need no look of their own any more."""
    keys = {(row["pupil_ref"], row["semester"]) for row in decided}
    if not keys:
        return
    signals = await attendance_rows.signals_of(
        session, {ref for ref, _ in keys}, {semester for _, semester in keys}
    )
    answered = [r["signal_id"] for r in signals if (r["pupil_ref"], r["semester"]) in keys]
    await attendance_rows.close_signals(session, answered, state="answered", by=by.subject, now=now)


async def _name(
    session: AsyncSession, rows: Sequence[Row], known: _Known, *, by: Person, now: datetime
) -> None:
    """Tell who was named: groups only, each fact with the pupil's next version."""
    told, after = numbered(known.pupils[row["pupil_ref"]][0] for row in rows)
    facts = [
        PupilNamed(
            **common(pupil),
            semester=row["semester"],
            programme=pupil.programme,
            grade=pupil.grade,
            risk_groups=tuple(row["risk_groups"]),
            named_on=known.today,
        )
        for pupil, row in zip(told, rows, strict=True)
    ]
    await update_pupils(session, after, by=by, now=now)
    await publish(session, facts, at=now)


async def clear_risks(
    session: AsyncSession, lines: Sequence[tuple[int, ClearanceEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Named pupils who are at risk no more in the semester."""
    lines, twice = once(lines, lambda entry: entry.risk_id)
    rows = await risk_rows.risks_locked(session, [entry.risk_id for _, entry in lines])
    pupils = await store.pupils_locked(session, {row["pupil_ref"] for row in rows.values()})

    def clear(entry: ClearanceEntry) -> dict[str, Any]:
        row = _seen(rows, entry.risk_id, pupils, by)
        risk_rules.check_move(risk_rows.risk_of(row), State.CLEARED)
        return {
            "risk_id": entry.risk_id,
            "version": row["version"] + 1,
            "state": State.CLEARED,
            "cleared_by": by.subject,
            "cleared_at": now,
            "clear_reason_code": entry.reason_code,
        }

    good, wrong = judged(lines, clear)
    await store.change(session, RISKS, [row for _, row in good])
    cleared = [rows[row["risk_id"]] for _, row in good]
    told, after = numbered(pupils[risk["pupil_ref"]][0] for risk in cleared)
    facts = [
        PupilCleared(
            **common(pupil), semester=risk["semester"], reason_code=row["clear_reason_code"]
        )
        for pupil, risk, (_, row) in zip(told, cleared, good, strict=True)
    ]
    await update_pupils(session, after, by=by, now=now)
    await publish(session, facts, at=now)
    return [*twice, *wrong, *(accepted(line, row["risk_id"]) for line, row in good)]
