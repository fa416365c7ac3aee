"""What identification tells of pupils, kept as it is told; the newest version of each stays."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import pupil_rows
from shared.contracts.base import Received
from shared.contracts.identification import (
    ApplicationSigned,
    ApplicationWithdrawn,
    PupilCleared,
    PupilEnrolled,
    PupilLeft,
    PupilMoved,
    PupilNamed,
    PupilPromoted,
)


async def enrol(
    session: AsyncSession, received: Sequence[Received[PupilEnrolled] | Received[PupilMoved]]
) -> None:
    """Pupils entered in a school, or come from another one."""
    rows = [
        _place(r)
        | {
            "programme": r.fact.programme.value,
            "grade": r.fact.grade,
            "sex": r.fact.sex.value,
            "signs_alone_from": r.fact.signs_alone_from,
            "left_on": None,
        }
        for r in received
    ]
    await pupil_rows.keep_pupils(session, rows)


async def promote(session: AsyncSession, received: Sequence[Received[PupilPromoted]]) -> None:
    """Pupils in another grade or course of the same school."""
    rows = [
        _place(r) | {"programme": r.fact.programme.value, "grade": r.fact.grade} for r in received
    ]
    await pupil_rows.keep_pupils(session, rows)


async def leave(session: AsyncSession, received: Sequence[Received[PupilLeft]]) -> None:
    """Pupils who left school."""
    rows = [_place(r) | {"left_on": r.fact.left_on} for r in received]
    await pupil_rows.keep_pupils(session, rows)


async def name(session: AsyncSession, received: Sequence[Received[PupilNamed]]) -> None:
    """Pupils named at risk for a semester."""
    await pupil_rows.keep_pupils(session, [_place(r) for r in received])
    rows = [
        {
            "pupil_ref": r.fact.pupil_ref,
            "semester": r.fact.semester,
            "version": r.fact.version,
            "risk_groups": sorted(group.value for group in r.fact.risk_groups),
            "named_on": r.fact.named_on,
            "cleared": False,
        }
        for r in received
    ]
    await pupil_rows.keep_namings(session, rows)


async def clear(session: AsyncSession, received: Sequence[Received[PupilCleared]]) -> None:
    """Pupils no longer at risk in a semester."""
    rows = [
        {
            "pupil_ref": r.fact.pupil_ref,
            "semester": r.fact.semester,
            "version": r.fact.version,
            "cleared": True,
        }
        for r in received
    ]
    await pupil_rows.clear_namings(session, rows)


async def sign(session: AsyncSession, received: Sequence[Received[ApplicationSigned]]) -> None:
    """Applications signed by a parent or the adult pupil."""
    rows = [
        {
            "application_id": r.fact.application_id,
            "version": r.fact.version,
            "pupil_ref": r.fact.pupil_ref,
            "signer_kind": r.fact.signer_kind.value,
            "signed_on": r.fact.signed_on,
            "withdrawn_on": None,
        }
        for r in received
    ]
    await pupil_rows.keep_applications(session, rows)


async def withdraw(
    session: AsyncSession, received: Sequence[Received[ApplicationWithdrawn]]
) -> None:
    """Applications taken back."""
    rows = [
        {
            "application_id": r.fact.application_id,
            "version": r.fact.version,
            "withdrawn_on": r.fact.withdrawn_on,
        }
        for r in received
    ]
    await pupil_rows.withdraw_applications(session, rows)


def _place(received: Received[Any]) -> dict[str, Any]:
    """Where a pupil is, as every fact about a pupil says."""
    fact = received.fact
    return {
        "pupil_ref": fact.pupil_ref,
        "version": fact.version,
        "partner": fact.partner,
        "school_id": fact.school_id,
        "municipality_id": fact.municipality_id,
    }
