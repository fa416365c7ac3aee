"""Days on which pupils were away, as registers deliver them: no reason, corrected by a later line.

Beside the lessons missed in a semester, which the absence rule looks at: those are sums that
come late, these are single days that meals and tickets are held against.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import absence_rows, store
from services.identification.absence_rows import ABSENT_DAYS
from services.identification.absence_rules import (
    NotASchoolDay,
    NotEnrolledThatDay,
    OutsideSemester,
    stay_on,
)
from services.identification.domain import Pupil, check_not_future, day_of
from services.identification.enrolment import checked_place, common, places_of
from services.identification.pupil_entries import PupilDayEntry
from services.identification.pupils import Found, find_pupils, numbered, update_pupils
from services.identification.store import Row
from services.identification.verdicts import judged
from shared import registers
from shared.auth import Person
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.school_days import Presence, PupilDay, PupilDaysMarked
from shared.school_days import Calendar, DayKind, SchoolDays


@dataclass(frozen=True)
class Marked:
    """A day of a pupil as a line marks it, at the school of that day."""

    pupil: Pupil
    entry: PupilDayEntry
    school_id: str

    @property
    def key(self) -> tuple[str, date]:
        """Each day of a pupil is one row."""
        return self.pupil.pupil_ref, self.entry.day


@dataclass(frozen=True)
class Judging:
    """What lines about days are judged by."""

    found: Found
    stays: Mapping[str, Sequence[Row]]
    calendar: Calendar
    by: Person
    today: date

    def mark(self, item: tuple[str, PupilDayEntry]) -> Marked:
        """One line; raises what is wrong with it, the first thing first."""
        pupil, entry = self.found.pupil(item[0]), item[1]
        check_not_future(entry.day, today=self.today, field="day")
        stay = stay_on(self.stays.get(pupil.pupil_ref, ()), entry.day)
        school_id = pupil.school_id if stay is None else stay["school_id"]
        place = checked_place(school_id, self.found.places, by=self.by)
        if stay is None:
            raise NotEnrolledThatDay(field="day", day=entry.day.isoformat())
        if entry.presence is not Presence.PRESENT:
            days = SchoolDays.of(
                self.calendar,
                place.school_id,
                place.municipality_id,
                programme=stay["programme"],
                grade=stay["grade"],
            )
            self._check_lessons(days, entry.day)
        return Marked(pupil, entry, school_id)

    def _check_lessons(self, days: SchoolDays, day: date) -> None:
        """Nobody is away where there is no school."""
        kind = days.kind(day)
        if not days.in_semester(day):
            raise OutsideSemester(field="day", day=day.isoformat())
        if kind is not DayKind.SCHOOL_DAY:
            raise NotASchoolDay(field="day", day=day.isoformat(), kind=kind.value)


def _one_a_day(item: tuple[str, PupilDayEntry]) -> tuple[str, date]:
    """One line a pupil and day."""
    return item[0], item[1].day


async def mark_days(
    session: AsyncSession,
    lines: Sequence[tuple[int, PupilDayEntry]],
    import_id: str,
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Keep the days on which pupils were away, and tell those that are new or changed."""
    named, found = await find_pupils(session, lines, same=_one_a_day)
    stays = await absence_rows.stays_of(session, found.known)
    schools = {row["school_id"] for rows in stays.values() for row in rows} | set(found.places)
    places = await places_of(session, schools)
    where = {place for p in places.values() for place in (p.school_id, p.municipality_id)}
    judging = Judging(
        found=Found(found.known, places, found.wrong),
        stays=stays,
        calendar=await registers.semesters(session, where),
        by=by,
        today=day_of(now),
    )
    good, wrong = judged(named, judging.mark)
    before = await absence_rows.days_of(session, {item.pupil.pupil_ref for _, item in good})
    changed = [item for _, item in good if _is_news(item, before)]
    await _tell(session, changed, import_id=import_id, by=by, now=now)
    answers = [
        accepted(
            line, item.pupil.pupil_ref, changed=_is_news(item, before), school_id=item.school_id
        )
        for line, item in good
    ]
    return [*found.wrong, *wrong, *answers]


def _is_news(item: Marked, before: Mapping[tuple[str, object], str]) -> bool:
    """Whether the day was told otherwise before; of a day nobody told, present is no news."""
    return before.get(item.key, Presence.PRESENT.value) != item.entry.presence.value


async def _tell(
    session: AsyncSession,
    changed: Sequence[Marked],
    *,
    import_id: str,
    by: Person,
    now: datetime,
) -> None:
    """Keep changed days, one fact a pupil."""
    by_pupil: dict[str, list[Marked]] = {}
    for item in changed:
        by_pupil.setdefault(item.pupil.pupil_ref, []).append(item)
    told, after = numbered(items[0].pupil for items in by_pupil.values())
    rows = [
        {
            "pupil_ref": pupil.pupil_ref,
            "day": item.entry.day,
            "version": pupil.version,
            "presence": item.entry.presence.value,
            "school_id": item.school_id,
            "entered_at": now,
            "entered_by": by.subject,
            "import_id": import_id,
        }
        for pupil in told
        for item in by_pupil[pupil.pupil_ref]
    ]
    facts = [
        PupilDaysMarked(
            **common(pupil),
            days=tuple(
                PupilDay(day=item.entry.day, presence=item.entry.presence)
                for item in sorted(by_pupil[pupil.pupil_ref], key=lambda item: item.entry.day)
            ),
        )
        for pupil in told
    ]
    await store.keep(session, ABSENT_DAYS, rows)
    await update_pupils(session, after, by=by, now=now)
    await publish(session, facts, at=now)
