"""Reading and keeping plans, their versions, approvals, stops, evaluations and the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.chain_rules import Approval
from services.plans.content import Content, Measure, Risk
from services.plans.domain import Plan, State, Step
from services.plans.evaluation_rules import Evaluation, MeasureOutcome, Preparation, RiskOutcome
from services.plans.plan_tables import (
    APPROVALS,
    EVALUATIONS,
    PLAN_LOG,
    PLAN_VERSIONS,
    PLANS,
    STOPS,
)
from services.plans.store import among, row_of, write


@dataclass(frozen=True)
class LogEntry:
    """What was done to a plan, by whom, with old and new values where content changed."""

    plan_id: str
    plan_version: int
    at: datetime
    by: str
    action: str
    from_state: str | None
    to_state: str
    reason_code: str | None = None
    comment: str | None = None
    changes: tuple[Mapping[str, JsonValue], ...] = ()


@dataclass(frozen=True)
class NewStop:
    """A stop that begins now, with its reason."""

    plan_id: str
    stopped_at: datetime
    stopped_on: date
    reason_code: str
    comment: str
    stopped_by: str


@dataclass
class Kept:
    """What an action decided and wants kept, one statement a kind."""

    plans: dict[str, Plan] = field(default_factory=dict)
    contents: dict[tuple[str, int], Content] = field(default_factory=dict)
    approvals: list[Approval] = field(default_factory=list)
    stops: list[NewStop] = field(default_factory=list)
    stops_ended: dict[str, date] = field(default_factory=dict)
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)


async def plans_locked(session: AsyncSession, plan_ids: Iterable[str]) -> dict[str, Plan]:
    """Plans by id, their rows locked in the order of ids; the pupils' rows come before."""
    rows = await session.execute(
        select(PLANS)
        .where(among(PLANS.c.plan_id, plan_ids))
        .order_by(PLANS.c.plan_id)
        .with_for_update()
    )
    return {row["plan_id"]: plan_of(row) for row in rows.mappings()}


def plan_of(row: Mapping[Any, Any]) -> Plan:
    """A row as a plan."""
    waiting = row["waiting_for"]
    return Plan(
        **{
            **row,
            "state": State(row["state"]),
            "chain": tuple(Step(step) for step in row["chain"]),
            "waiting_for": None if waiting is None else Step(waiting),
        }
    )


async def contents_of(
    session: AsyncSession, plan_ids: Iterable[str]
) -> dict[tuple[str, int], Content]:
    """All versions of the contents of plans by (plan, version)."""
    rows = await session.execute(
        select(PLAN_VERSIONS).where(among(PLAN_VERSIONS.c.plan_id, plan_ids))
    )
    return {(row["plan_id"], row["version"]): content_of(row) for row in rows.mappings()}


def content_of(row: Mapping[Any, Any]) -> Content:
    """A row as a content."""
    return Content(
        **{
            **row,
            "risks": tuple(Risk(**risk) for risk in row["risks"]),
            "measures": tuple(_measure(measure) for measure in row["measures"]),
        }
    )


def _measure(kept: Mapping[str, Any]) -> Measure:
    """A measure as it lies in its JSON."""
    return Measure(
        **{
            **kept,
            "risk_groups": tuple(kept["risk_groups"]),
            "planned": tuple((month, cents) for month, cents in kept["planned"]),
        }
    )


async def evaluations_of(session: AsyncSession, plan_ids: Iterable[str]) -> dict[str, Evaluation]:
    """The evaluations of plans."""
    rows = await session.execute(select(EVALUATIONS).where(among(EVALUATIONS.c.plan_id, plan_ids)))
    return {row["plan_id"]: evaluation_of(row) for row in rows.mappings()}


def evaluation_of(row: Mapping[Any, Any]) -> Evaluation:
    """A row as an evaluation."""
    return Evaluation(
        **{
            **row,
            "measures": tuple(MeasureOutcome(**m) for m in row["measures"]),
            "risks": tuple(RiskOutcome(**r) for r in row["risks"]),
            "preparation": tuple(Preparation(**p) for p in row["preparation"]),
        }
    )


async def keep(session: AsyncSession, kept: Kept) -> None:
    """Write all that an action decided."""
    await write(session, PLANS, _rows(kept.plans.values()), keys=["plan_id"])
    await write(session, PLAN_VERSIONS, _rows(kept.contents.values()), keys=["plan_id", "version"])
    await write(session, APPROVALS, _rows(kept.approvals))
    await _end_stops(session, kept.stops_ended)
    await write(session, STOPS, _rows(kept.stops))
    await write(session, EVALUATIONS, _rows(kept.evaluations.values()), keys=["plan_id"])
    await write(session, PLAN_LOG, _rows(kept.log))


def _rows(values: Iterable[Any]) -> list[dict[str, Any]]:
    """Values as rows."""
    return [row_of(value) for value in values]


async def _end_stops(session: AsyncSession, ended: Mapping[str, date]) -> None:
    """End the open stops of plans on the day their new version was approved."""
    by_day: dict[date, list[str]] = {}
    for plan_id, day in ended.items():
        by_day.setdefault(day, []).append(plan_id)
    for day, plan_ids in by_day.items():
        await session.execute(
            update(STOPS)
            .where(among(STOPS.c.plan_id, plan_ids), STOPS.c.until.is_(None))
            .values(until=day)
        )


async def log_of(session: AsyncSession, plan_id: str) -> Sequence[Mapping[str, Any]]:
    """What was done to a plan, in its order."""
    rows = await session.execute(
        select(PLAN_LOG).where(PLAN_LOG.c.plan_id == plan_id).order_by(PLAN_LOG.c.id)
    )
    return [dict(row) for row in rows.mappings()]


async def approvals_of(session: AsyncSession, plan_id: str) -> Sequence[Mapping[str, Any]]:
    """What the levels decided about a plan, in its order."""
    rows = await session.execute(
        select(APPROVALS)
        .where(APPROVALS.c.plan_id == plan_id)
        .order_by(APPROVALS.c.submission, APPROVALS.c.decided_at)
    )
    return [dict(row) for row in rows.mappings()]
