"""What pupils have already: their plans, what these foresee, and what payments told of months."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.content import Content
from services.plans.domain import OVER
from services.plans.finance import Told
from services.plans.plan_rows import content_of
from services.plans.plan_tables import PLAN_VERSIONS
from services.plans.store import typed

_ASK = text("""
    SELECT
        (SELECT jsonb_agg(t) FROM (
            SELECT pupil_ref, school_id, semester, state FROM plans
            WHERE pupil_ref = ANY(CAST(:pupils AS text[]))) t) AS plans,
        (SELECT jsonb_agg(to_jsonb(v) || jsonb_build_object('pupil_ref', p.pupil_ref))
            FROM plans p JOIN plan_versions v
            ON v.plan_id = p.plan_id AND v.version = p.content_version
            WHERE p.pupil_ref = ANY(CAST(:pupils AS text[]))
            AND p.state <> 'inactive') AS contents,
        (SELECT jsonb_agg(t) FROM rooms t
            WHERE pupil_ref = ANY(CAST(:pupils AS text[]))) AS rooms,
        (SELECT jsonb_object_agg(month, cap_cents) FROM ceilings) AS caps
""")


@dataclass(frozen=True)
class OnDesk:
    """By (pupil, school, semester) how many plans there were and whether one is active; by pupil
    and plan the newest contents; by pupil and month what payments told; the ceilings of months.
    """

    plans_before: dict[tuple[str, str, str], tuple[int, bool]]
    contents: dict[str, dict[str, Content]]
    told: dict[str, dict[str, Told]]
    caps: Mapping[str, int]


async def on_desk(session: AsyncSession, pupil_refs: Iterable[str]) -> OnDesk:
    """All of it for some pupils, by one statement."""
    answer = await session.execute(_ASK, {"pupils": sorted(set(pupil_refs))})
    found = answer.mappings().one()
    plans_before: dict[tuple[str, str, str], tuple[int, bool]] = {}
    for row in found["plans"] or ():
        key = (row["pupil_ref"], row["school_id"], row["semester"])
        count, active = plans_before.get(key, (0, False))
        plans_before[key] = (count + 1, active or row["state"] not in OVER)
    contents: dict[str, dict[str, Content]] = {}
    for row in found["contents"] or ():
        pupil_ref = row.pop("pupil_ref")
        content = content_of(typed(PLAN_VERSIONS, row))
        contents.setdefault(pupil_ref, {})[content.plan_id] = content
    told: dict[str, dict[str, Told]] = {}
    for row in found["rooms"] or ():
        room = Told(row["cap_cents"], row["reserved_cents"], row["ordered_cents"])
        told.setdefault(row["pupil_ref"], {})[row["month"]] = room
    return OnDesk(plans_before, contents, told, found["caps"] or {})
