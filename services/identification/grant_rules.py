"""Grants: which role belongs to which kind of organisation, what a grant waits for, who gives it.

Rights may be given in any order. A grant whose link is missing (the school, the partner, the
member of staff, the pupil) waits and says what for; it holds from the moment the link is there.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.auth import STATE, Role
from shared.errors import Invalid, Refused

_NUMBER = re.compile(r"[4-9]\d{10}", re.ASCII)
_PUPIL = re.compile(r"p\d+:[0-9a-f]{32}", re.ASCII)


class UnknownRole(Invalid):
    """There is no such role."""

    code = "unknown-role"


class WrongOrganisation(Refused):
    """This role is not given in an organisation of this kind."""

    code = "wrong-organisation"


class UnknownStaffKind(Refused):
    """The code list has no staff of this kind."""

    code = "unknown-staff-kind"


class GrantWasRevoked(Refused):
    """This grant was revoked; give a new one under another id."""

    code = "grant-was-revoked"


class UnknownGrant(Refused):
    """There is no grant of this id."""

    code = "unknown-grant"


class Organisation(StrEnum):
    """What a role is about."""

    STATE = "state"
    NUMBER = "registration-number"
    SCHOOL = "school"
    PUPIL = "pupil"


class State(StrEnum):
    """Where a grant stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    REVOKED = "revoked"


_AT_SCHOOL = frozenset({Organisation.SCHOOL})
_AT_PARTNER = frozenset({Organisation.NUMBER})
_ANYWHERE = frozenset({Organisation.STATE, Organisation.NUMBER, Organisation.SCHOOL})

ORGANISATIONS_OF: Mapping[Role, frozenset[Organisation]] = {
    Role.PREPARER: _AT_SCHOOL,
    Role.SCHOOL_COORDINATOR: _AT_SCHOOL,
    Role.HEAD: _AT_SCHOOL,
    Role.SPECIALIST: _AT_SCHOOL,
    Role.SCHOOL_REGISTER: _ANYWHERE,
    Role.MUNICIPALITY_COORDINATOR: _AT_PARTNER,
    Role.PAYMENT_OFFICER: _AT_PARTNER,
    Role.EVALUATOR: _AT_PARTNER,
    Role.CALL_ORGANISER: _AT_PARTNER,
    Role.APPLICANT: _AT_PARTNER,
    Role.REGIONAL_COORDINATOR: frozenset({Organisation.STATE, Organisation.NUMBER}),
    Role.STATE_OFFICER: frozenset({Organisation.STATE}),
    Role.AUDITOR: _ANYWHERE,
    Role.PARENT: frozenset({Organisation.PUPIL}),
}

NEEDS_STAFF = frozenset({Role.PREPARER, Role.SPECIALIST})
UNREGISTERED = frozenset({Role.APPLICANT})
"""Roles whose organisation identification has no register of."""

_TEACHING = frozenset({Role.PREPARER, Role.SPECIALIST})
_SCHOOL_ROLES = _TEACHING | {Role.HEAD, Role.SCHOOL_COORDINATOR, Role.SCHOOL_REGISTER}
GIVEN_BY: Mapping[Role, frozenset[Role]] = {
    Role.STATE_OFFICER: frozenset(Role),
    Role.MUNICIPALITY_COORDINATOR: _SCHOOL_ROLES,
    Role.HEAD: _TEACHING,
    Role.SCHOOL_COORDINATOR: _TEACHING,
}
"""Who may give which roles: the state all, others only in schools of theirs."""


@dataclass(frozen=True)
class Links:
    """What the registers know of the things grants name."""

    schools: Mapping[str, str] = field(default_factory=dict)
    """Partner of each school."""
    numbers: Collection[str] = ()
    pupils: Collection[str] = ()
    staff: Collection[str] = ()
    staff_of_subject: Mapping[str, str] = field(default_factory=dict)


def read_role(text: str) -> Role:
    """The role of that name; raises UnknownRole."""
    try:
        return Role(text)
    except ValueError as error:
        raise UnknownRole(field="role", known=sorted(Role)) from error


def kind_of(organisation: str) -> Organisation:
    """What an organisation's id stands for."""
    if organisation == STATE:
        return Organisation.STATE
    if _NUMBER.fullmatch(organisation):
        return Organisation.NUMBER
    return Organisation.PUPIL if _PUPIL.fullmatch(organisation) else Organisation.SCHOOL


def check_organisation(role: Role, organisation: str) -> None:
    """Raise WrongOrganisation."""
    if kind_of(organisation) not in ORGANISATIONS_OF[role]:
        raise WrongOrganisation(field="organisation", kinds=sorted(ORGANISATIONS_OF[role]))


def givers_of(role: Role) -> frozenset[Role]:
    """The roles whose holders may give this one."""
    return frozenset(giver for giver, given in GIVEN_BY.items() if role in given)


def waits_for(
    role: Role, organisation: str, *, subject: str, staff_ref: str | None, links: Links
) -> list[str]:
    """What a grant still lacks, as `kind:id`; an empty list where nothing."""
    found = []
    kind = kind_of(organisation)
    known: Collection[str] = {
        Organisation.STATE: (STATE,),
        Organisation.NUMBER: links.numbers,
        Organisation.SCHOOL: links.schools,
        Organisation.PUPIL: links.pupils,
    }[kind]
    if role not in UNREGISTERED and organisation not in known:
        found.append(f"{kind}:{organisation}")
    if staff_ref is not None and staff_ref not in links.staff:
        found.append(f"staff:{staff_ref}")
    elif role in NEEDS_STAFF and staff_ref is None and subject not in links.staff_of_subject:
        found.append(f"staff-of-subject:{subject}")
    return found
