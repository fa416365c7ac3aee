"""All that belongs to locked pupils and plans, and the rules in force there, by one statement.

It is asked after the locks are held, never together with them: a statement that waited for a lock
sees the locked row as it is now, but everything else as it was before it waited.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.consultation_rules import Stop
from services.plans.content import Content
from services.plans.evaluation_rules import Evaluation
from services.plans.plan_rows import content_of, evaluation_of
from services.plans.plan_tables import EVALUATIONS, PLAN_VERSIONS, STOPS
from services.plans.pupil_rows import APPLICATIONS, NAMINGS
from services.plans.pupils import Application, Naming, Pupil
from services.plans.rulebook import InForce, Rulebook, SchoolFacts
from services.plans.specs import NAMES
from services.plans.store import typed
from shared.registers import TABLES

Rows = Sequence[Mapping[str, Any]]
_ASK = text("""
    WITH places AS (
        SELECT school_id, partner, municipality_id, state_vocational
        FROM register_schools WHERE school_id = ANY(CAST(:schools AS text[]))
    )
    SELECT
        (SELECT jsonb_agg(t) FROM namings t
            WHERE pupil_ref = ANY(CAST(:pupils AS text[]))) AS namings,
        (SELECT jsonb_agg(t) FROM applications t
            WHERE pupil_ref = ANY(CAST(:pupils AS text[]))) AS applications,
        (SELECT jsonb_agg(t) FROM plan_versions t
            WHERE plan_id = ANY(CAST(:plans AS text[]))) AS plan_versions,
        (SELECT jsonb_agg(t ORDER BY t.stopped_at) FROM stops t
            WHERE plan_id = ANY(CAST(:plans AS text[]))) AS stops,
        (SELECT jsonb_agg(t) FROM evaluations t
            WHERE plan_id = ANY(CAST(:plans AS text[]))) AS evaluations,
        (SELECT jsonb_agg(t) FROM places t) AS places,
        (SELECT jsonb_agg(t) FROM (
            SELECT semester, place, first_day, last_day FROM register_semesters
            WHERE place = '' OR place = ANY(CAST(:schools AS text[]))
                OR place IN (SELECT municipality_id FROM register_schools
                             WHERE school_id = ANY(CAST(:schools AS text[])))) t) AS semesters,
        (SELECT jsonb_agg(t ORDER BY t.valid_from) FROM (
            SELECT name, place, valid_from, valid_to, value FROM parameters
            WHERE name = ANY(CAST(:names AS text[])) AND (place = 'state' OR place IN (
                SELECT unnest(ARRAY[school_id, partner, municipality_id]) FROM places
            ))) t) AS parameters
""")


@dataclass(frozen=True)
class Surroundings:
    """What an action on pupils and plans decides by."""

    pupils: dict[str, Pupil]
    contents: dict[tuple[str, int], Content]
    stops: dict[str, list[Stop]]
    evaluations: dict[str, Evaluation]
    rules: Rulebook


async def surroundings(
    session: AsyncSession, *, pupils: Rows, plan_ids: Iterable[str], school_ids: Iterable[str]
) -> Surroundings:
    """What belongs to these rows of pupils and these plans, and the rules of these schools."""
    answer = await session.execute(
        _ASK,
        {
            "pupils": sorted(row["pupil_ref"] for row in pupils),
            "plans": sorted(set(plan_ids)),
            "schools": sorted(set(school_ids)),
            "names": list(NAMES),
        },
    )
    found = {name: rows or [] for name, rows in answer.mappings().one().items()}
    return Surroundings(
        pupils=_pupils(pupils, found),
        contents={
            (row["plan_id"], row["version"]): content_of(row)
            for row in _typed(PLAN_VERSIONS, found["plan_versions"])
        },
        stops=_stops(_typed(STOPS, found["stops"])),
        evaluations={
            row["plan_id"]: evaluation_of(row) for row in _typed(EVALUATIONS, found["evaluations"])
        },
        rules=_rulebook(found),
    )


def _typed(table: Table, rows: Rows) -> list[dict[str, Any]]:
    """Rows that came as JSON with the types of their table."""
    return [typed(table, row) for row in rows]


def _pupils(rows: Rows, found: Mapping[str, Rows]) -> dict[str, Pupil]:
    """Pupils with their namings and applications."""
    namings: dict[str, list[Naming]] = {}
    for row in _typed(NAMINGS, found["namings"]):
        namings.setdefault(row["pupil_ref"], []).append(_naming(row))
    applications: dict[str, list[Application]] = {}
    for row in _typed(APPLICATIONS, found["applications"]):
        applications.setdefault(row["pupil_ref"], []).append(_application(row))
    return {
        row["pupil_ref"]: Pupil(
            **{name: value for name, value in row.items() if name != "version"},
            namings=tuple(namings.get(row["pupil_ref"], ())),
            applications=tuple(applications.get(row["pupil_ref"], ())),
        )
        for row in rows
    }


def _naming(row: Mapping[str, Any]) -> Naming:
    """A row as a value."""
    return Naming(
        semester=row["semester"],
        risk_groups=tuple(row["risk_groups"]),
        named_on=row["named_on"],
        cleared=row["cleared"],
    )


def _application(row: Mapping[str, Any]) -> Application:
    """A row as a value."""
    return Application(
        application_id=row["application_id"],
        signer_kind=row["signer_kind"],
        signed_on=row["signed_on"],
        withdrawn_on=row["withdrawn_on"],
    )


def _stops(rows: Rows) -> dict[str, list[Stop]]:
    """The stops of plans, in their order."""
    stops: dict[str, list[Stop]] = {}
    for row in rows:
        stop = Stop(row["plan_id"], row["stopped_on"], row["until"])
        stops.setdefault(stop.plan_id, []).append(stop)
    return stops


def _rulebook(found: Mapping[str, Rows]) -> Rulebook:
    """The rules in force as plain values."""
    parameters: dict[str, list[InForce]] = {}
    for row in _typed(TABLES.parameters, found["parameters"]):
        parameters.setdefault(row["name"], []).append(
            InForce(row["place"], row["valid_from"], row["valid_to"], row["value"])
        )
    return Rulebook(
        parameters=parameters,
        semesters={
            (row["semester"], row["place"]): (row["first_day"], row["last_day"])
            for row in _typed(TABLES.semesters, found["semesters"])
        },
        schools={row["school_id"]: SchoolFacts(**row) for row in found["places"]},
    )


async def rulebook(session: AsyncSession, school_ids: Iterable[str]) -> Rulebook:
    """The rules of schools alone."""
    found = await surroundings(session, pupils=(), plan_ids=(), school_ids=school_ids)
    return found.rules
