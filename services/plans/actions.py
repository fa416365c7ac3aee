"""What every action on plans has in common: the work it loads, decides on, keeps and tells.

An action takes lines and answers each: kept or refused by a rule. A refused line leaves nothing
behind, the others go on; a later line sees what an earlier one did to the same plan.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import plan_rows, pupil_rows, surroundings
from services.plans.consultation_rules import Stop
from services.plans.content import Content
from services.plans.domain import Plan, PlanUnknown, day_of
from services.plans.evaluation_rules import Evaluation
from services.plans.plan_rows import Kept, LogEntry
from services.plans.pupils import Pupil, PupilUnknown
from services.plans.rulebook import Rulebook
from shared.auth import Person
from shared.bus.outbox import publish
from shared.contracts.plans import PlanFact
from shared.errors import Refused

L = TypeVar("L")
Lines = Sequence[tuple[int, L]]
"""Lines of a bulk command with their numbers."""
Answer = tuple[str, dict[str, JsonValue]]
"""The id of what was kept, and details."""


@dataclass(frozen=True)
class Outcome:
    """What became of a line: the id of what was kept with details, or the refusal."""

    line: int
    id: str | None = None
    refusal: Refused | None = None
    details: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass
class Work:
    """What one action has loaded, and what it decided so far.

    `now` is the moment of the line that is being decided; facts keep the moment they became true.
    """

    by: Person
    now: datetime
    pupils: dict[str, Pupil]
    plans: dict[str, Plan]
    contents: dict[tuple[str, int], Content]
    stops: Mapping[str, Sequence[Stop]]
    evaluations: Mapping[str, Evaluation]
    rules: Rulebook
    kept: Kept = field(default_factory=Kept)
    facts: list[PlanFact] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day in Riga."""
        return day_of(self.now)

    def plan(self, plan_id: str) -> Plan:
        """A plan as it stands after the lines before; raises PlanUnknown."""
        if plan_id not in self.plans:
            raise PlanUnknown(field="plan_id", plan_id=plan_id)
        return self.plans[plan_id]

    def pupil(self, pupil_ref: str) -> Pupil:
        """A pupil; raises PupilUnknown."""
        if pupil_ref not in self.pupils:
            raise PupilUnknown(field="pupil_ref")
        return self.pupils[pupil_ref]

    def newest(self, plan: Plan) -> Content:
        """The content that is written or waits for approval."""
        return self.contents[plan.plan_id, plan.content_version]

    def in_force(self, plan: Plan) -> Content | None:
        """The approved content, if there is one."""
        if plan.approved_version is None:
            return None
        return self.contents[plan.plan_id, plan.approved_version]

    def put(
        self,
        before: Plan | None,
        after: Plan,
        action: str,
        *facts: PlanFact,
        reason_code: str | None = None,
        comment: str | None = None,
        changes: Sequence[Mapping[str, JsonValue]] = (),
    ) -> None:
        """Keep a plan as it is now, write down what was done, and tell these facts at the end."""
        self.plans[after.plan_id] = after
        self.kept.plans[after.plan_id] = after
        self.facts.extend(facts)
        self.moments.extend(self.now for _ in facts)
        self.kept.log.append(
            LogEntry(
                plan_id=after.plan_id,
                plan_version=after.content_version,
                at=self.now,
                by=self.by.subject,
                action=action,
                from_state=before.state if before else None,
                to_state=after.state,
                reason_code=reason_code,
                comment=comment,
                changes=tuple(changes),
            )
        )

    def put_content(self, content: Content) -> None:
        """Keep a content, new or rewritten."""
        self.contents[content.plan_id, content.version] = content
        self.kept.contents[content.plan_id, content.version] = content


async def load(
    session: AsyncSession, plan_ids: Iterable[str], *, by: Person, now: datetime
) -> Work:
    """Plans with their pupils, both locked, pupils first, and all that belongs to them."""
    wanted = list(plan_ids)
    pupils = await pupil_rows.pupils_of_plans_locked(session, wanted)
    plans = await plan_rows.plans_locked(session, wanted)
    found = await surroundings.surroundings(
        session,
        pupils=pupils,
        plan_ids=plans,
        school_ids={p.school_id for p in plans.values()} | {row["school_id"] for row in pupils},
    )
    return Work(by=by, now=now, plans=plans, **vars(found))


async def load_pupils(
    session: AsyncSession, pupil_refs: Iterable[str], *, by: Person, now: datetime
) -> Work:
    """Pupils, locked, and all that belongs to them; for plans that are not there yet."""
    pupils = await pupil_rows.pupils_locked(session, pupil_refs)
    found = await surroundings.surroundings(
        session, pupils=pupils, plan_ids=(), school_ids={row["school_id"] for row in pupils}
    )
    return Work(by=by, now=now, plans={}, **vars(found))


def decide(lines: Lines[L], one: Callable[[L], Answer]) -> list[Outcome]:
    """Answer each line by `one`, which gives the id and details of what it kept, or refuses."""
    outcomes = []
    for number, line in lines:
        try:
            kept_id, details = one(line)
        except Refused as refusal:
            outcomes.append(Outcome(number, refusal=refusal))
        else:
            outcomes.append(Outcome(number, kept_id, details=details))
    return outcomes


async def finish(session: AsyncSession, work: Work) -> None:
    """Keep and tell what was decided."""
    await plan_rows.keep(session, work.kept)
    await publish(session, work.facts, at=work.moments)
