"""The ranking page of a full call: 500 applications, 5 evaluators, 10 criteria, over HTTP."""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from deploy.local.tokens import TokenIssuer
from services.ngo_grants.app import SERVICE
from shared.auth import Role
from shared.service import migrate
from tests.builders_ngo_grants import (
    A_FORM,
    CODES,
    DECIDING,
    MARKING,
    ORGANISATIONS,
    ORGANISER,
    PLACE,
    Grants,
)
from tests.doors import open_doors
from tests.perf.ground import Ground
from tests.perf.registry import Figure, benchmark

APPLICATIONS = 500
EVALUATORS = tuple(f"evaluator.{n}" for n in range(1, 6))
LOOKS = 7
_APPLICANTS = text("""
    INSERT INTO applicants (registration_number, name, kind, youth_work, changed_by, version,
                            changed_at)
    SELECT number, 'Biedrība ' || number, 'association', 'Darbs ar jauniešiem.', 'perf', 1, now()
    FROM unnest(CAST(:numbers AS text[])) AS number
""")
_APPLICATIONS = text("""
    INSERT INTO applications (application_id, call_id, registration_number, state, title, title_key,
                              created_by, form, partner_numbers, version, submitted_by,
                              submitted_at, created_at)
    SELECT :call_id || '-' || number || '-1', :call_id, number, 'submitted', 'P ' || number,
           'p ' || number, 'perf', CAST(:form AS jsonb), '{}', 2, 'perf',
           timestamptz '2018-10-20' + at * interval '1 minute', now()
    FROM unnest(CAST(:numbers AS text[])) WITH ORDINALITY AS filed(number, at)
""")


@benchmark("ranking_page_ms", "marks_http_per_s")
async def ranking_page(ground: Ground) -> list[Figure]:
    """Marks of five evaluators in bulk, one after the other; then the page, its median."""
    with tempfile.TemporaryDirectory() as folder:
        tokens = TokenIssuer.with_key_file("urn:pumpurs:perf", Path(folder) / "key.json")
        keys = tokens.write_keys(Path(folder) / "jwks.json")
        url = await ground.database("ranking")
        await migrate(SERVICE, url)
        async with open_doors(SERVICE, url, tokens=tokens, keys=keys) as doors:
            world = await Grants(doors).open()
            call_id, ids = await _full_call(world)
            seconds = await _mark(world, call_id, ids)
            looks = [await _look(world, call_id) for _ in range(LOOKS)]
    marks = len(ids) * len(EVALUATORS) * len(CODES)
    return [
        Figure("marks_http_per_s", marks / seconds, "marks/s"),
        Figure(
            "ranking_page_ms", 1000 * statistics.median(looks), "ms", goal=200, less_is_better=True
        ),
    ]


async def _full_call(world: Grants) -> tuple[str, list[str]]:
    """A closed call with all applications and a committee; gives its id and theirs."""
    call_id = await world.a_call(quota=APPLICATIONS // 5)
    numbers = [next(ORGANISATIONS) for _ in range(APPLICATIONS)]
    form = json.dumps(A_FORM)
    async with world.doors.database.transaction() as session:
        await session.execute(_APPLICANTS, {"numbers": numbers})
        filed = {"call_id": call_id, "numbers": numbers, "form": form}
        await session.execute(_APPLICATIONS, filed)
    for evaluator in EVALUATORS:
        await world.doors.grant(evaluator, Role.EVALUATOR, PLACE)
    await world.close(call_id, members=[{"subject": e, "name": e} for e in EVALUATORS])
    return call_id, [f"{call_id}-{number}-1" for number in numbers]


async def _mark(world: Grants, call_id: str, ids: list[str]) -> float:
    """All marks, one request an evaluator; gives seconds."""
    sent: list[tuple[str, list[dict[str, Any]]]] = []
    for which, evaluator in enumerate(EVALUATORS):
        lines = [
            {
                "application_id": application_id,
                "criterion": code,
                "half_points": 4 + (at * 7 + where * 3 + which) % 7,
            }
            for at, application_id in enumerate(ids)
            for where, code in enumerate(CODES)
        ]
        sent.append((evaluator, lines))
    began = time.perf_counter()
    for evaluator, lines in sent:
        path = f"/calls/{call_id}/marks"
        answers = await world.doors.lines(path, lines, by=evaluator, at=MARKING)
        assert all(answer["status"] == "accepted" for answer in answers)
    return time.perf_counter() - began


async def _look(world: Grants, call_id: str) -> float:
    """One look at the page; gives seconds."""
    began = time.perf_counter()
    answer = await world.doors.get(f"/calls/{call_id}/ranking", by=ORGANISER, at=DECIDING)
    seconds = time.perf_counter() - began
    assert answer.status_code == 200 and len(answer.json()["rows"]) == APPLICATIONS
    return seconds
