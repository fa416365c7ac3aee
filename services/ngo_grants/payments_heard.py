"""What payments say of the projects' money: ordered, settled, returned, recovered.

The time of each fact is the *now* of what follows; the project's row is locked first.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, move_rows, project_rows
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.project_rows import UnknownProject
from services.ngo_grants.project_rules import Instalment, Known, Told, is_news
from shared.contracts.base import Received
from shared.contracts.payments import (
    ClaimRefused,
    OrderFact,
    PaymentOrdered,
    PaymentRecovered,
    PaymentReturned,
    PaymentSettled,
)
from shared.errors import NotFound

PAYMENTS = "payments"


class UnknownInstalment(NotFound):
    """The project has no such instalment."""

    code = "unknown-instalment"


async def hear_ordered(session: AsyncSession, received: Sequence[Received[PaymentOrdered]]) -> None:
    """Instalments became orders."""
    await _hear(session, received, Instalment.ORDERED, lambda _: (None, None))


async def hear_settled(session: AsyncSession, received: Sequence[Received[PaymentSettled]]) -> None:
    """Instalments were paid; with the first money a contracted project runs."""
    heard = await _hear(session, received, Instalment.SETTLED, lambda fact: (fact.booked_on, None))
    starting = {
        key: at for key, (application, at) in heard.items() if application.state is State.CONTRACTED
    }
    for key, at in sorted(starting.items()):
        await move_rows.move(session, [(heard[key][0], State.RUNNING, None)], by=PAYMENTS, now=at)


async def hear_returned(
    session: AsyncSession, received: Sequence[Received[PaymentReturned]]
) -> None:
    """Instalments came back from the bank; payments will order them again."""
    await _hear(
        session, received, Instalment.RETURNED, lambda fact: (fact.booked_on, fact.reason_code)
    )


async def hear_refused(session: AsyncSession, received: Sequence[Received[ClaimRefused]]) -> None:
    """Instalments that payments will not pay, for instance after the programme's end."""
    told = [(r, _refused_instalment(r.fact)) for r in received]
    ours = [(r, one) for r, one in told if one is not None]
    await _keep(session, ours)


def _refused_instalment(fact: ClaimRefused) -> Told | None:
    """The instalment a refusal speaks of; claims of pupils' plans are not ours."""
    project_id, slash, number = fact.claim_id.rpartition("/")
    if project_id != fact.about_key or not slash or not number.isdecimal():
        return None
    return Told(project_id, int(number), Instalment.REFUSED, None, None, None, fact.reason_code)


async def hear_recovered(
    session: AsyncSession, received: Sequence[Received[PaymentRecovered]]
) -> None:
    """Money came back; when all of it has, the recovery is over."""
    ours = _ours(received)
    applications = await _locked(session, (r.fact.project_id for r in ours))
    await project_rows.add_recovered(
        session,
        [
            {
                "order_id": r.fact.order_id,
                "order_version": r.fact.version,
                "project_id": r.fact.project_id,
                "cents": r.fact.cents,
                "booked_on": r.fact.booked_on,
            }
            for r in ours
        ],
    )
    asked = await project_rows.recoveries(session, applications)
    back = await project_rows.recovered_cents(session, applications)
    last = {r.fact.project_id: r.at for r in ours}
    for key, application in applications.items():
        whole = key in asked and back.get(key, 0) >= asked[key]["cents"]
        if whole and application.state is State.RECOVERY:
            await move_rows.move(
                session, [(application, State.RECOVERED, None)], by=PAYMENTS, now=last[key]
            )


def _ours(received: Sequence[Received[Any]]) -> list[Received[Any]]:
    """Those about projects."""
    return [r for r in received if r.fact.project_id is not None]


async def _locked(session: AsyncSession, project_ids: Iterable[str]) -> dict[str, Application]:
    """The projects, locked in order; raises UnknownProject."""
    wanted = set(project_ids)
    if not wanted:
        return {}
    found = await application_rows.locked(session, *wanted)
    for project_id in sorted(wanted - found.keys()):
        raise UnknownProject(project_id=project_id)
    return found


async def _hear(
    session: AsyncSession,
    received: Sequence[Received[Any]],
    state: Instalment,
    booked: Callable[[Any], tuple[date | None, str | None]],
) -> dict[str, tuple[Application, datetime]]:
    """Write what became of instalments; returns the projects with the time of the last fact."""
    ours = _ours(received)
    return await _keep(session, [(r, _told(r.fact, state, booked(r.fact))) for r in ours])


def _told(fact: OrderFact, state: Instalment, booked: tuple[date | None, str | None]) -> Told:
    """What a fact says of an instalment; raises UnknownInstalment where it names none."""
    if fact.project_id is None or fact.instalment_no is None:
        raise UnknownInstalment(order_id=fact.order_id)
    return Told(
        project_id=fact.project_id,
        number=fact.instalment_no,
        state=state,
        order_id=fact.order_id,
        order_version=fact.version,
        booked_on=booked[0],
        reason_code=booked[1],
    )


async def _keep(
    session: AsyncSession, ours: Sequence[tuple[Received[Any], Told]]
) -> dict[str, tuple[Application, datetime]]:
    """Lock the projects, leave out what is old, write the rest in one statement."""
    applications = await _locked(session, (told.project_id for _, told in ours))
    known = {
        (row["project_id"], row["number"]): Known(
            Instalment(row["state"]), row["order_id"], row["order_version"]
        )
        for row in await project_rows.instalments(session, applications)
    }
    news: dict[tuple[str, int], Told] = {}
    for _, told in ours:
        key = (told.project_id, told.number)
        if key not in known:
            raise UnknownInstalment(project_id=told.project_id, instalment=told.number)
        if is_news(known[key], told):
            news[key] = told
            known[key] = Known(told.state, told.order_id, told.order_version)
    await project_rows.keep_heard(session, list(news.values()))
    return {told.project_id: (applications[told.project_id], r.at) for r, told in ours}
