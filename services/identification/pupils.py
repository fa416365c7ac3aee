"""What happens to pupils in the register after they entered: promotion, move, departure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import domain, store
from services.identification.domain import Pupil, UnknownPupil
from services.identification.enrolment import (
    checked_place,
    common,
    places_of,
    pupil_row,
    stay_row,
)
from services.identification.personal_code import read_personal_code
from services.identification.pupil_entries import (
    DepartureEntry,
    MoveEntry,
    PromotionEntry,
    PupilNamedEntry,
)
from services.identification.schooling import Place
from services.identification.store import PUPILS, STAYS, Row
from services.identification.verdicts import judged, once
from shared.auth import Person
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import PupilFact, PupilLeft, PupilMoved, PupilPromoted

N = TypeVar("N", bound=PupilNamedEntry)
Known = Mapping[str, tuple[Pupil, bytes]]


@dataclass(frozen=True)
class Found:
    """Lines whose pupil is in the register, with what is needed to judge them."""

    known: Known
    places: Mapping[str, Place]
    wrong: list[LineAnswer]

    def pupil(self, pupil_ref: str) -> Pupil:
        """The pupil; raises UnknownPupil."""
        if pupil_ref not in self.known:
            raise UnknownPupil(field="pupil_ref")
        return self.known[pupil_ref][0]


def _the_pupil(item: tuple[str, PupilNamedEntry]) -> Hashable:
    """One line a pupil."""
    return item[0]


async def find_pupils(
    session: AsyncSession,
    lines: Sequence[tuple[int, N]],
    *,
    same: Callable[[tuple[str, N]], Hashable] = _the_pupil,
) -> tuple[list[tuple[int, tuple[str, N]]], Found]:
    """Lines with the references of their pupils, whose rows are locked; each pupil once.

    `same` gives what must not stand in the command twice, usually the pupil.
    """
    references = store.pseudonyms(session)

    def named(entry: N) -> tuple[str, N]:
        if entry.pupil_ref is not None:
            return entry.pupil_ref, entry
        code = read_personal_code(entry.personal_code or "")
        return references.pupil_ref(code.digits), entry

    readable, wrong = judged(lines, named)
    first, twice = once(readable, same)
    known = await store.pupils_locked(session, [ref for _, (ref, _) in first])
    schools = {pupil.school_id for pupil, _ in known.values()}
    schools |= {entry.to_school_id for _, (_, entry) in first if isinstance(entry, MoveEntry)}
    return first, Found(known, await places_of(session, schools), [*wrong, *twice])


async def promote_pupils(
    session: AsyncSession, lines: Sequence[tuple[int, PromotionEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Pupils enter the next grade or course, as on 1 September."""
    named, found = await find_pupils(session, lines)

    def promote(item: tuple[str, PromotionEntry]) -> tuple[Pupil, Pupil | None]:
        ref, entry = item
        pupil = found.pupil(ref)
        place = checked_place(pupil.school_id, found.places, by=by)
        after = domain.promoted(pupil, grade=entry.grade, day=entry.valid_from, place=place)
        return pupil, after

    def fact(_before: Pupil, after: Pupil) -> PupilFact:
        return PupilPromoted(
            **common(after),
            programme=after.programme,
            grade=after.grade,
            valid_from=after.valid_from,
        )

    good, wrong = judged(named, promote)
    await _save_and_tell(session, good, fact, how="promoted", reasons={}, by=by, now=now)
    return [*found.wrong, *wrong, *_answers(good)]


async def move_pupils(
    session: AsyncSession, lines: Sequence[tuple[int, MoveEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Pupils change school; whoever keeps the register of the new school tells it."""
    named, found = await find_pupils(session, lines)

    def move(item: tuple[str, MoveEntry]) -> tuple[Pupil, Pupil | None]:
        ref, entry = item
        to = checked_place(entry.to_school_id, found.places, by=by)
        pupil = found.pupil(ref)
        after = domain.moved(
            pupil, to=to, programme=entry.programme, grade=entry.grade, day=entry.valid_from
        )
        return pupil, after

    def fact(before: Pupil, after: Pupil) -> PupilFact:
        return PupilMoved(
            **common(after),
            from_school_id=before.school_id,
            from_municipality_id=before.municipality_id,
            from_partner=before.partner,
            programme=after.programme,
            grade=after.grade,
            sex=after.sex,
            signs_alone_from=None,
            valid_from=after.valid_from,
        )

    good, wrong = judged(named, move)
    await _save_and_tell(session, good, fact, how="moved", reasons={}, by=by, now=now)
    return [*found.wrong, *wrong, *_answers(good)]


async def let_pupils_go(
    session: AsyncSession, lines: Sequence[tuple[int, DepartureEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Pupils leave school."""
    named, found = await find_pupils(session, lines)
    reasons = {ref: entry.reason_code for _, (ref, entry) in named}

    def depart(item: tuple[str, DepartureEntry]) -> tuple[Pupil, Pupil | None]:
        ref, entry = item
        pupil = found.pupil(ref)
        checked_place(pupil.school_id, found.places, by=by)
        domain.check_not_future(entry.left_on, today=domain.day_of(now), field="left_on")
        return pupil, domain.departed(pupil, day=entry.left_on)

    def fact(_before: Pupil, after: Pupil) -> PupilFact:
        return PupilLeft(**common(after), left_on=after.left_on)

    good, wrong = judged(named, depart)
    await _save_and_tell(session, good, fact, how="left", reasons=reasons, by=by, now=now)
    return [*found.wrong, *wrong, *_answers(good)]


async def _save_and_tell(
    session: AsyncSession,
    good: Sequence[tuple[int, tuple[Pupil, Pupil | None]]],
    fact: Callable[[Pupil, Pupil], PupilFact],
    *,
    how: str,
    reasons: Mapping[str, str],
    by: Person,
    now: datetime,
) -> None:
    """Keep changed pupils with a line of history each, and tell."""
    changed = [(before, after) for _, (before, after) in good if after is not None]
    await update_pupils(session, [after for _, after in changed], by=by, now=now)
    stays = [
        stay_row(after, how=how, by=by, now=now, reason_code=reasons.get(after.pupil_ref))
        for _, after in changed
    ]
    await store.add(session, STAYS, stays)
    await publish(session, [fact(before, after) for before, after in changed], at=now)


def numbered(pupils: Iterable[Pupil]) -> tuple[list[Pupil], list[Pupil]]:
    """Pupils with the version of the fact each is told by, and each pupil as it is after all."""
    last: dict[str, Pupil] = {}
    told = []
    for pupil in pupils:
        before = last.get(pupil.pupil_ref, pupil)
        last[pupil.pupil_ref] = replace(before, version=before.version + 1)
        told.append(last[pupil.pupil_ref])
    return told, list(last.values())


async def update_pupils(
    session: AsyncSession, pupils: Sequence[Pupil], *, by: Person, now: datetime
) -> None:
    """Write pupils that are there already; who they are stays as it is."""
    rows: list[Row] = [pupil_row(pupil, by=by, now=now) for pupil in pupils]
    await store.change(session, PUPILS, rows)


def _answers(good: Sequence[tuple[int, tuple[Pupil, Pupil | None]]]) -> list[LineAnswer]:
    """Accepted, with whether anything changed."""
    return [
        accepted(line, before.pupil_ref, changed=after is not None)
        for line, (before, after) in good
    ]
