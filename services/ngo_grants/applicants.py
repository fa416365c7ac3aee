"""Organisations that apply: who they are, and the people behind them, whose names are sealed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import applicant_rows
from services.ngo_grants.applicant_rows import PersonRow
from services.ngo_grants.application_rules import InformalGroupAlone
from services.ngo_grants.commands import NewApplicant, PersonEntry
from services.ngo_grants.store import READ_LOG
from services.ngo_grants.vocabulary import APPLICANT_KINDS
from shared.auth import Person, Role
from shared.errors import Invalid
from shared.privacy import FieldCipher, Pseudonyms, log_reads
from shared.registration_number import check_registration_number

FIELDS = ("email", "name", "phone")


class UnknownKind(Invalid):
    """This kind of applicant is not in the code list."""

    code = "unknown-applicant-kind"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody of an applicant as a reader with the right sees them; erased names are None."""

    number: int
    kind: str
    name: str | None
    email: str | None
    phone: str | None
    employer: str | None


async def register_applicant(
    session: AsyncSession, new: NewApplicant, *, by: Person, now: datetime
) -> int:
    """Enter an organisation, or change it; returns its version."""
    check_registration_number(new.registration_number, field="registration_number")
    by.must({Role.APPLICANT}, new.registration_number)
    _check_kind(new.kind)
    for number, person in enumerate(new.people):
        if person.employer is not None:
            check_registration_number(person.employer, field=f"people.{number}.employer")
    row = new.model_dump(exclude={"people"}) | {"changed_by": by.subject}
    version = await applicant_rows.keep(session, row, now=now)
    settings = session.info["settings"]
    sealed = _sealed(new.people, FieldCipher.of(settings), Pseudonyms.of(settings))
    await applicant_rows.keep_people(session, new.registration_number, sealed)
    return version


def _check_kind(kind: str) -> None:
    """Refuse an unknown kind, and an informal group without somebody who carries it."""
    known = {word.code: word for word in APPLICANT_KINDS}
    if kind not in known:
        raise UnknownKind(field="kind")
    if not known[kind].attributes["may_apply"]:
        raise InformalGroupAlone(field="kind")


def _sealed(
    people: Sequence[PersonEntry], cipher: FieldCipher, pseudonyms: Pseudonyms
) -> list[PersonRow]:
    """People with names sealed and addresses digested."""
    return [
        PersonRow(
            kind=person.kind,
            sealed=cipher.seal(json.dumps({f: getattr(person, f) for f in FIELDS})),
            employer=person.employer,
            household_ref=pseudonyms.household_ref(person.household) if person.household else None,
        )
        for person in people
    ]


async def read_people(
    session: AsyncSession,
    registration_number: str,
    *,
    reason: str,
    by: Person,
    now: datetime,
) -> list[KnownPerson]:
    """The people of an organisation with their names; the read is logged with its reason."""
    rows = await applicant_rows.people_of(session, registration_number)
    cipher = FieldCipher.of(session.info["settings"])
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[f"applicant:{registration_number}:{row['number']}" for row in rows],
        fields=FIELDS,
        reason=reason,
        now=now,
    )
    return [
        KnownPerson(
            number=row["number"],
            kind=row["kind"],
            employer=row["employer"],
            **_opened(row["sealed"], cipher),
        )
        for row in rows
    ]


def _opened(sealed: bytes | None, cipher: FieldCipher) -> dict[str, str | None]:
    """The sealed fields, or nothing where they were erased."""
    if sealed is None:
        return dict.fromkeys(FIELDS)
    read: dict[str, str | None] = json.loads(cipher.open(sealed))
    return {name: read.get(name) for name in FIELDS}
