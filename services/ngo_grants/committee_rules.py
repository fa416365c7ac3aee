"""Committees: who evaluates what, and what a member with an interest may not even notice.

A member sees the call as if the applications they have an interest in did not exist. Interests are
declared by organisation, so that nothing has to be shown before. Source: our rule, README.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.ngo_grants.scoring import Sheet
from shared.errors import Forbidden, Invalid, Refused


class DeclarationMissing(Refused):
    """First declare with which organisations you have a common interest, or that you have none."""

    code = "declaration-missing"


class ConflictOfInterest(Refused):
    """This person has an interest in the applicant and may not take part."""

    code = "conflict-of-interest"


class NotInCommittee(Forbidden):
    """Only members of the call's committee may do this."""

    code = "not-in-committee"


class UnknownInterest(Invalid):
    """This kind of interest is not in the code list."""

    code = "unknown-interest-kind"


class CommitteeTooSmall(Invalid):
    """A committee has at least as many members as the quorum."""

    code = "committee-too-small"


class MemberTwice(Invalid):
    """A person stands in the committee once."""

    code = "member-twice"


class BelowQuorum(Refused):
    """Too few evaluators without conflict scored an application; there is no decision."""

    code = "below-quorum"


class MarksMissing(Refused):
    """Some evaluators marked some criteria of an application and not the others."""

    code = "marks-missing"


class UnknownApplication(Invalid):
    """There is no such application for you to evaluate."""

    code = "unknown-application"


class UnknownCriterion(Invalid):
    """The call has no such criterion."""

    code = "unknown-criterion"


class MarkTwice(Invalid):
    """This command marks the same criterion of the same application twice."""

    code = "mark-twice"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a committee: has declared before seeing anything, is still in it."""

    subject: str
    declared: bool
    active: bool = True


@dataclass(frozen=True, slots=True)
class Committee:
    """Who evaluates in a call: members, pairs kept apart by interests, and assignments.

    `conflicts` holds (application, member). An application that has assignments is evaluated by
    the assigned members alone, any other by all.
    """

    members: Mapping[str, Member]
    conflicts: frozenset[tuple[str, str]]
    assigned: Mapping[str, frozenset[str]]

    def hides(self, application_id: str, subject: str) -> bool:
        """Whether the application does not exist for the member."""
        return (application_id, subject) in self.conflicts

    def counts(self, application_id: str, subject: str) -> bool:
        """Whether the member's marks of the application count."""
        member = self.members.get(subject)
        if member is None or not member.declared or not member.active:
            return False
        if self.hides(application_id, subject):
            return False
        only = self.assigned.get(application_id)
        return only is None or subject in only

    def counting(self, sheets: Iterable[Sheet]) -> list[Sheet]:
        """The sheets that are not void."""
        return [sheet for sheet in sheets if self.counts(sheet.application_id, sheet.evaluator)]

    def seen_by(self, application_ids: Iterable[str], subject: str | None) -> list[str]:
        """The applications that exist for a member; for others (None) all of them."""
        return [a for a in application_ids if subject is None or not self.hides(a, subject)]


def check_size(subjects: Sequence[str], quorum: int) -> None:
    """Refuse a committee that could never decide, or names somebody twice."""
    if len(set(subjects)) != len(subjects):
        raise MemberTwice(field="members")
    if len(subjects) < quorum:
        raise CommitteeTooSmall(field="members", members=len(subjects), quorum=quorum)


def check_whole(half_filled: Collection[tuple[str, str]]) -> None:
    """Refuse a decision while somebody's marks of an application are not whole."""
    if half_filled:
        pairs = [{"application_id": a, "evaluator": e} for a, e in sorted(half_filled)]
        raise MarksMissing(pairs=pairs)


def check_quorum(evaluators: Mapping[str, int], quorum: int) -> None:
    """Refuse a decision while an application was scored by fewer than the quorum."""
    short = {a: count for a, count in sorted(evaluators.items()) if count < quorum}
    if short:
        lines = [{"application_id": a, "evaluators": count} for a, count in short.items()]
        raise BelowQuorum(quorum=quorum, applications=lines)
