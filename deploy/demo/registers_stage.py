"""First stage: municipalities, schools, calendar, staff, roles and the places' own parameters."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from deploy.demo import people
from deploy.demo.book import Book, at
from deploy.demo.client import side_by_side, until
from deploy.demo.facts import figures
from deploy.demo.municipalities import municipalities
from deploy.demo.names import account
from deploy.demo.parameters import owner_of, place_of
from deploy.demo.scenario import Place, calendar, place, places, schools
from deploy.local.system import FIRST_PERSON

FIRST_DAY = people.PROGRAMME_START
PARTNER_SINCE = {"Liepāja": "2017-09-01", "Preiļu novads": "2017-09-01", "Rēzekne": "2017-09-01"}
PARTNER_SINCE |= {"Siguldas novads": "2021-01-04"}
PAYER_ACCOUNTS_FROM = 900_000
WIDER_PREPARERS = ["teacher", "psychologist", "teacher_assistant", "social_pedagogue"]
IDENTIFICATION = "identification"
EVERYWHERE = ("plans", "payments", "ngo_grants", "reporting")


async def run(book: Book) -> None:
    """Enter all registers, then wait until every service has heard of them."""
    await _first_officers(book)
    await _send(book, "municipalities", [_municipality(name) for name in municipalities()])
    await _send(book, "schools", [_school(school.id) for school in schools()])
    await _send(book, "semesters", list(_semesters()))
    await _staff(book)
    await _send(book, "grants", list(_grants()))
    entries = list(_parameters())
    told = [entry for entry in entries if owner_of(entry["name"]) == IDENTIFICATION]
    await side_by_side(*(_set(book, entry) for entry in entries if entry not in told))
    for entry in told:
        await _set(book, entry)
    await side_by_side(*(_heard(book, service, told[-1]) for service in EVERYWHERE))
    book.diary.count("municipalities", len(municipalities()))
    book.diary.count("schools", len(schools()))
    book.diary.count("staff", len(book.staff))


async def _first_officers(book: Book) -> None:
    """The state's officers are the first to be granted a role."""
    lines = [
        _grant(role)
        for role in people.roles()
        if role.organisation == "state" and role.role == "state_officer"
    ]
    await book.doors.all_accepted(
        "identification:/grants", lines, by=FIRST_PERSON, at=at(FIRST_DAY, 8), key="officers"
    )


async def _send(book: Book, register: str, lines: list[dict[str, Any]]) -> None:
    await book.doors.all_accepted(
        f"identification:/{register}",
        lines,
        by=people.STATE_OFFICER,
        at=at(FIRST_DAY, 9),
        key=register,
    )


async def _staff(book: Book) -> None:
    names = [name for where in places() for name in where.staff]
    answers = await book.doors.all_accepted(
        "identification:/staff",
        [_member(where, name) for where in places() for name in where.staff],
        by=people.STATE_OFFICER,
        at=at(FIRST_DAY, 9),
        key="staff",
    )
    for name, answer in zip(names, answers, strict=True):
        assert answer.id is not None
        book.staff[name] = answer.id


def _municipality(name: str) -> dict[str, Any]:
    entry = municipalities()[name]
    return {
        "municipality_id": entry.id,
        "name_lv": entry.name,
        "name_en": entry.name_en,
        "codes": [
            {"code": code, "valid_from": _day(first), "valid_to": _day(last)}
            for code, first, last in entry.codes
        ],
        "successor_id": entry.successor,
        "valid_from": _day(entry.valid_from),
        "valid_to": _day(entry.valid_to),
        "partner_since": PARTNER_SINCE.get(name),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _school(school_id: str) -> dict[str, Any]:
    entry = next(school for school in schools() if school.id == school_id)
    where = place(entry.place)
    return {
        "school_id": entry.id,
        "name_lv": entry.name,
        "name_en": entry.name_en,
        "school_kind": entry.kind,
        "institution_type": where.programme,
        "partner": people.partner(where),
        "municipality_id": people.municipality(where),
        "state_vocational": where.is_own_partner,
        "status": entry.status,
        "valid_from": FIRST_DAY.isoformat(),
    }


def _semesters() -> Iterator[dict[str, Any]]:
    """The country's calendar, and where a place has its own part of a semester, that."""
    country = {}
    for entry in calendar():
        dates = {"first_day": entry["first_day"], "last_day": entry["last_day"]}
        country[entry["semester"]] = dates
        line = {"semester": entry["semester"], **dates, "source": entry["source"]}
        yield {**line, "breaks": [entry["break"]]}
    for where in places():
        for stay in where.stays.values():
            dates = {"first_day": str(stay.first_day), "last_day": str(stay.last_day)}
            if dates != country[stay.semester]:
                for school in stay.schools:
                    own = {"semester": stay.semester, "school_id": school.school}
                    yield {**own, **dates, "source": "the school's own page"}


def _member(where: Place, name: str) -> dict[str, Any]:
    human = people.staff(name)
    return {
        "personal_code": human.personal_code,
        "given_name": human.first_name,
        "family_name": human.last_name,
        "kind": where.staff_kind(name),
        "school_ids": list(where.staff[name]),
        "subject": people.staff_subject(name),
    }


def _grants() -> Iterator[dict[str, Any]]:
    for role in people.roles():
        if role.role != "state_officer":
            yield _grant(role)


def _grant(role: people.RoleOf) -> dict[str, Any]:
    return {
        "grant_id": f"{role.subject}:{role.role}:{role.organisation}",
        "subject": role.subject,
        "role": role.role,
        "organisation": role.organisation,
        "valid_from": FIRST_DAY.isoformat(),
    }


def _parameters() -> Iterator[dict[str, Any]]:
    """What the pages say of single places, who may prepare plans there, and payers' accounts."""
    for figure in figures():
        if figure.kind == "parameter" and figure.place != "Latvija":
            value = figure.value
            if figure.measure in ("grades", "vet_courses"):
                value = [figure.value]
            if figure.id == "sigulda-grades-1-4":
                value = [figure.value, {"from": 5, "to": 12}]  # Added to what there was.
            yield {
                "name": figure.measure,
                "place": place_of(figure),
                "value": value,
                "valid_from": figure.valid_from,
                "valid_to": figure.valid_to,
                "source": figure.source(),
            }
    for number, where in enumerate(places()):
        office = people.partner(where)
        yield _ours("plan_preparer_kinds", office, WIDER_PREPARERS)
        payer = {"iban": account(PAYER_ACCOUNTS_FROM + number), "bic": "ZZZZLV22"}
        yield _ours("payer_account", office, payer)


def _ours(name: str, where: str, value: Any) -> dict[str, Any]:
    start = FIRST_DAY.isoformat()
    source = "choice of the demo"
    return {"name": name, "place": where, "value": value, "valid_from": start, "source": source}


async def _set(book: Book, entry: dict[str, Any]) -> None:
    await book.doors.command(
        f"{owner_of(entry['name'])}:/parameters",
        entry,
        by=people.STATE_OFFICER,
        at=at(FIRST_DAY, 10),
        key=f"parameter:{entry['name']}:{entry['place']}:{entry['valid_from']}",
        method="PUT",
    )


async def _heard(book: Book, service: str, last: dict[str, Any]) -> None:
    """Wait until a service knows the parameter that identification told after all else."""
    await until(
        lambda: book.doors.read(
            f"{service}:/parameters",
            by=people.STATE_OFFICER,
            at=at(FIRST_DAY, 11),
            name=last["name"],
            place=last["place"],
        ),
        lambda seen: bool(seen["parameters"]),
        f"{service} hears of the registers",
    )
