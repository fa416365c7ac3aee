"""Puts the protocol together: names opened and logged, the ranking as the viewer may see it."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, decision_rows
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.calls import day_of
from services.ngo_grants.protocol import Matter, RefusedEarlier, Signatory, render
from services.ngo_grants.ranking_view import ReasonView, reason_view
from services.ngo_grants.reading import member_names
from services.ngo_grants.standings import Standing
from shared.auth import Person
from shared.registers import municipalities

WHY = "protocol of the committee"


async def text_of(session: AsyncSession, stands: Standing, *, by: Person, now: datetime) -> str:
    """The protocol's text; a member reads nothing of who kept out of what."""
    call = stands.call
    found = await municipalities(session, [call.municipality_id])
    named = await member_names(session, call, reason=WHY, by=by, now=now)
    row = await decision_rows.of_call(session, call.call_id)
    members = [
        Signatory(
            name=name or member["subject"],
            declared_on=day_of(member["declared_at"]) if member["declared_at"] else None,
            kept_out_of=_kept_out_of(stands, member["subject"]),
        )
        for member, name in named
    ]
    place = found.get(call.municipality_id)
    matter = Matter(
        municipality=place.name_lv if place else call.municipality_id,
        decided_on=day_of(row["decided_at"]) if row else None,
        late_reason=row["late_reason"] if row else None,
        remarks=row["remarks"] if row else None,
        comments=row["comments"] if row else {},
        members=members,
        refused=await _refused(session, stands),
    )
    return render(call, stands.view(), matter)


def _kept_out_of(stands: Standing, subject: str) -> tuple[str, ...]:
    """The applications a member kept out of, for those who see all."""
    if stands.viewer is not None:
        return ()
    hidden = (a for a in stands.applications if stands.committee.hides(a, subject))
    return tuple(sorted(hidden))


async def _refused(session: AsyncSession, stands: Standing) -> list[RefusedEarlier]:
    """The applications refused before the marks, as far as the viewer may see them."""
    found = await application_rows.of_call(session, stands.call.call_id, (State.REFUSED,))
    seen = set(stands.committee.seen_by((a.application_id for a in found), stands.viewer))
    return [
        RefusedEarlier(a.application_id, a.applicant, _reasons(a))
        for a in found
        if a.application_id in seen
    ]


def _reasons(application: Application) -> tuple[ReasonView, ...]:
    """The written reasons of a refusal, with the organiser's own words behind."""
    reasons: list[dict[str, Any]] = application.reasons or []
    views = []
    for reason in reasons:
        view = reason_view(reason["code"], criterion=reason["criterion"])
        comment = reason.get("comment", "")
        views.append(view.model_copy(update={"lv": f"{view.lv} {comment}".strip()}))
    return tuple(views)
