"""Attendance as registers deliver it, and the signals that the absence rule makes of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import attendance_rows, store
from services.identification.attendance_rows import ATTENDANCE, SIGNALS
from services.identification.attendance_rules import (
    PARAMETER,
    RULE_ID,
    AbsenceRule,
    SignalClosed,
    UnknownSignal,
    read_rule,
)
from services.identification.domain import Pupil, check_enrolled, day_of, made_id
from services.identification.enrolment import checked_place, common
from services.identification.pupil_entries import AttendanceEntry, DismissalEntry
from services.identification.pupils import find_pupils, numbered, update_pupils
from services.identification.store import Row
from services.identification.verdicts import judged, once
from shared import registers
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import RiskSignalled
from shared.parameters import value_on
from shared.registers import NoSemester

COMPARED = ("school_id", "data_status", "lessons_unexcused", "lessons_excused", "source")
LOOKED_AT_BY = (Role.HEAD, Role.SCHOOL_COORDINATOR, Role.MUNICIPALITY_COORDINATOR)


@dataclass(frozen=True)
class Report:
    """A line of attendance with its pupil."""

    pupil: Pupil
    entry: AttendanceEntry

    @property
    def key(self) -> tuple[str, str]:
        """One pupil has one line a semester."""
        return self.pupil.pupil_ref, self.entry.semester


def _one_a_semester(item: tuple[str, AttendanceEntry]) -> tuple[str, str]:
    """One line a pupil and semester."""
    return item[0], item[1].semester


async def import_attendance(
    session: AsyncSession,
    lines: Sequence[tuple[int, AttendanceEntry]],
    import_id: str,
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Keep what was missed; signal who reaches the threshold, clear who does not any more."""
    named, found = await find_pupils(session, lines, same=_one_a_semester)
    semesters = {semester for semester, _ in await registers.semesters(session)}

    def report(item: tuple[str, AttendanceEntry]) -> Report:
        pupil = found.pupil(item[0])
        checked_place(pupil.school_id, found.places, by=by)
        check_enrolled(pupil)
        if item[1].semester not in semesters:
            raise NoSemester(field="semester", semester=item[1].semester)
        return Report(pupil, item[1])

    good, wrong = judged(named, report)
    refs = {item.pupil.pupil_ref for _, item in good}
    asked = {item.entry.semester for _, item in good}
    before = await attendance_rows.attendance_of(session, refs, asked)
    rows = {
        item.key: _row(item, before.get(item.key), import_id=import_id, by=by, now=now)
        for _, item in good
    }
    changed = [item for _, item in good if rows[item.key] is not None]
    await store.keep(session, ATTENDANCE, [row for row in rows.values() if row is not None])
    await _signal(session, changed, by=by, now=now)
    answers = [_answer(line, item, changed=rows[item.key] is not None) for line, item in good]
    return [*found.wrong, *wrong, *answers]


def _answer(line: int, item: Report, *, changed: bool) -> LineAnswer:
    """Accepted, with whether anything changed."""
    pupil = item.pupil
    return accepted(line, pupil.pupil_ref, changed=changed, school_id=pupil.school_id)


def _row(
    item: Report, before: Row | None, *, import_id: str, by: Person, now: datetime
) -> Row | None:
    """The row as it will lie in the table; None where nothing changes."""
    said: dict[str, Any] = {
        **item.entry.model_dump(exclude={"pupil_ref", "personal_code", "semester"}),
        "school_id": item.pupil.school_id,
    }
    if before is not None and all(before[name] == said[name] for name in COMPARED):
        return None
    return said | {
        "pupil_ref": item.pupil.pupil_ref,
        "semester": item.entry.semester,
        "version": before["version"] + 1 if before else 1,
        "received_at": now,
        "entered_by": by.subject,
        "import_id": import_id,
    }


async def _signal(
    session: AsyncSession, reports: Sequence[Report], *, by: Person, now: datetime
) -> None:
    """Open the signals the rule makes now, and clear those it makes no more."""
    if not reports:
        return
    rule = read_rule(await value_on(session, PARAMETER, day_of(now)))
    signals = await attendance_rows.signals_of(
        session,
        {item.pupil.pupil_ref for item in reports},
        {item.entry.semester for item in reports},
    )
    by_key: dict[tuple[str, str], list[Row]] = {}
    for row in signals:
        by_key.setdefault((row["pupil_ref"], row["semester"]), []).append(row)
    fresh: list[tuple[Report, Row]] = []
    cleared: list[str] = []
    for item in reports:
        earlier = by_key.get(item.key, [])
        if not rule.signals(item.entry.lessons_unexcused):
            cleared += [row["signal_id"] for row in earlier if row["state"] == "open"]
        elif not any(_answers_already(row, item) for row in earlier):
            fresh.append((item, _signal_row(item, rule, number=len(earlier), now=now)))
    await attendance_rows.close_signals(session, cleared, state="cleared", by=by.subject, now=now)
    await store.add(session, SIGNALS, [row for _, row in fresh])
    await _tell(session, fresh, by=by, now=now)


def _answers_already(row: Row, item: Report) -> bool:
    """Whether a signal is open, or a person looked at as many lessons or more."""
    looked_at = row["state"] in ("dismissed", "answered")
    lessons: int = item.entry.lessons_unexcused or 0
    return bool(row["state"] == "open" or (looked_at and row["lessons_unexcused"] >= lessons))


def _signal_row(item: Report, rule: AbsenceRule, *, number: int, now: datetime) -> Row:
    """A signal with the rule's version, its figures and the time of its data."""
    pupil = item.pupil
    return {
        "signal_id": made_id("signal", *item.key, number),
        "pupil_ref": pupil.pupil_ref,
        "semester": item.entry.semester,
        "school_id": pupil.school_id,
        "municipality_id": pupil.municipality_id,
        "partner": pupil.partner,
        "rule_id": RULE_ID,
        "rule_version": rule.version,
        "threshold": rule.threshold,
        "comparator": rule.comparator,
        "lessons_unexcused": item.entry.lessons_unexcused,
        "source_data_at": now,
        "signalled_at": now,
        "state": "open",
    }


async def _tell(
    session: AsyncSession, fresh: Sequence[tuple[Report, Row]], *, by: Person, now: datetime
) -> None:
    """Tell signals, each with the pupil's next version."""
    told, after = numbered(item.pupil for item, _ in fresh)
    facts = [
        RiskSignalled(
            **common(pupil),
            semester=row["semester"],
            rule_id=row["rule_id"],
            rule_version=row["rule_version"],
            source_data_at=row["source_data_at"],
        )
        for pupil, (_, row) in zip(told, fresh, strict=True)
    ]
    await update_pupils(session, after, by=by, now=now)
    await publish(session, facts, at=now)


async def dismiss_signals(
    session: AsyncSession, lines: Sequence[tuple[int, DismissalEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """A person looked at signals and says, with a reason, that there is nothing."""
    lines, twice = once(lines, lambda entry: entry.signal_id)
    rows = await store.locked(session, SIGNALS.c.signal_id, [e.signal_id for _, e in lines])
    known = {row["signal_id"]: row for row in rows}
    seals = store.cipher(session)

    def dismiss(entry: DismissalEntry) -> Row:
        row = known.get(entry.signal_id)
        if row is None:
            raise UnknownSignal(field="signal_id")
        by.must(LOOKED_AT_BY, row["school_id"], row["partner"], row["municipality_id"])
        if row["state"] != "open":
            raise SignalClosed(field="signal_id", state=row["state"])
        return {
            "signal_id": entry.signal_id,
            "state": "dismissed",
            "closed_by": by.subject,
            "closed_at": now,
            "reason_sealed": seals.seal(entry.reason),
        }

    good, wrong = judged(lines, dismiss)
    await store.change(session, SIGNALS, [row for _, row in good])
    return [*twice, *wrong, *(accepted(line, row["signal_id"]) for line, row in good)]


async def reproduced(session: AsyncSession, signal: Row) -> Row:
    """The signal's rule as it was in force on its day, applied again to what it was made of."""
    day = day_of(signal["signalled_at"])
    rule = read_rule(await value_on(session, PARAMETER, day))
    kept = AbsenceRule(signal["rule_version"], signal["threshold"], signal["comparator"])
    return {
        "signal_id": signal["signal_id"],
        "rule_id": signal["rule_id"],
        "rule_version": rule.version,
        "threshold": rule.threshold,
        "comparator": rule.comparator,
        "lessons_unexcused": signal["lessons_unexcused"],
        "in_force_on": day,
        "signals": rule.signals(signal["lessons_unexcused"]),
        "same": rule == kept and rule.signals(signal["lessons_unexcused"]),
    }


async def not_reported(
    session: AsyncSession, semester: str, *, covers: Callable[[registers.School], bool]
) -> list[Row]:
    """Schools with enrolled pupils of whom attendance of the semester is missing.

    `complete` is false as long as one pupil has neither lessons nor a statement that there is no
    data; missing is never counted as zero.
    """
    schools = await registers.schools(session)
    found: list[Row] = []
    for row in await attendance_rows.reported_by_school(session, semester):
        school = schools[row["school_id"]]
        missing = row["pupils"] - row["reported"] - row["no_data"]
        if covers(school) and (missing or row["no_data"]):
            found.append(
                {
                    **row,
                    "name_lv": school.name_lv,
                    "partner": school.partner,
                    "municipality_id": school.municipality_id,
                    "missing": missing,
                    "reported_nothing": row["reported"] == 0,
                }
            )
    return found


def by_municipality(rows: Collection[Row]) -> Mapping[str, int]:
    """How many schools of each municipality reported nothing."""
    found: dict[str, int] = {}
    for row in rows:
        if row["reported_nothing"]:
            found[row["municipality_id"]] = found.get(row["municipality_id"], 0) + 1
    return dict(sorted(found.items()))
