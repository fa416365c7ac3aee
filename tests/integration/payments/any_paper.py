"""Vouchers, accounts and what other offices of the country are paid for, in any life."""

import csv
import io
from datetime import datetime
from typing import Any

from sqlalchemy import text

from services.payments.consumers import CONSUMERS
from shared.contracts.base import Received
from shared.contracts.catalogue import FACTS
from shared.contracts.evidence import EVIDENCE, EvidenceClaimed, EvidenceReleased
from tests.integration.payments.any_life import MEALS, Life
from tests.integration.payments.any_order import OFFICES
from tests.integration.payments.any_plan import APlan
from tests.integration.payments.outbox import TYPE
from tests.money_facts import LATER, TEACHER, a_claim, account

OCTOBER = "2021-10-01"
HELD_ELSEWHERE = "elsewhere"
_TAKEN = text("DELETE FROM outbox WHERE topic = :topic RETURNING id, headers, payload")


class Papers:
    """What is paid once: vouchers here, papers in the country; and to which account."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.doors = life.payments.doors
        self.vouchers: dict[str, tuple[APlan, str | None]] = {}
        self.changes: list[tuple[str, str, int, str]] = []
        self.held: dict[str, str] = {}
        self.papers: dict[str, str] = {}
        self.stories = 0

    async def issue(self, plan: APlan, quantity: int) -> None:
        """Vouchers for meals of October, handed to the pupil."""
        line = {"plan_id": plan.plan_id, "measure_id": MEALS, "month": "2021-10"}
        path, by = f"/offices/{plan.office}/vouchers", OFFICES[plan.office]
        wanted = [line | {"quantity": quantity}]
        (answer,) = await self.doors.lines(path, wanted, by=by, at=OCTOBER)
        if answer["status"] == "accepted":
            printed = await self.doors.get(f"{path}/{answer['id']}/printed", by=by)
            rows = list(csv.reader(io.StringIO(printed.text), delimiter=";"))[1:]
            lines = [{"voucher_no": row[0]} for row in rows]
            await self.doors.lines("/vouchers/activations", lines, by=TEACHER, at=OCTOBER)
            self.vouchers |= {row[0]: (plan, None) for row in rows}

    async def redeem(self, number: str, day: str) -> None:
        """The caterer hands a voucher in for a day."""
        plan, _ = self.vouchers[number]
        line = {"voucher_no": number, "served_on": day, "payee_id": "caterer"}
        path = f"/offices/{plan.office}/vouchers/redemptions"
        by = OFFICES[plan.office]
        (answer,) = await self.doors.lines(path, [line], by=by, at="2021-10-31")
        if answer["status"] == "accepted":
            assert (plan.pupil_ref, day) not in self.life.absent
            self.vouchers[number] = plan, day

    async def end(self, number: str, how: str) -> None:
        """A voucher is taken back, or all that nobody used in time are void."""
        plan, _ = self.vouchers[number]
        path, by = f"/offices/{plan.office}/vouchers/{how}", OFFICES[plan.office]
        if how == "expirations":
            assert (await self.doors.send(path, {}, by=by, at=LATER)).status_code == 200
        else:
            await self.doors.lines(path, [{"voucher_no": number}], by=by, at="2021-10-31")

    async def claim(self, number: str, cents: int) -> None:
        """The caterer's claim for the meal of a voucher."""
        plan, day = self.vouchers[number]
        claim = a_claim(plan.plan_id, MEALS, cents, payee_id="caterer")
        claim |= {"evidence": {"kind": "voucher", "number": number}}
        meal = None if day is None else (plan.pupil_ref, day)
        if await self.life.submit(plan, claim, meal=meal):
            assert day is not None and cents <= 150, "no meal behind the voucher"

    async def propose(self, office: str, payee_id: str, number: int) -> None:
        """Somebody wants a payee's account changed, and an officer confirms it."""
        line = {"partner": office, "payee_id": payee_id, "name": "Anna Kalniņa"}
        line |= {"account": account(number), "reason": "the bank was changed"}
        (answer,) = await self.doors.lines("/payees/changes", [line], by=TEACHER, at=LATER)
        assert answer["code"] in (None, "payee-change-open"), answer
        if answer["status"] == "accepted":
            (done,) = await self._decide(office, answer["id"], "confirm")
            since = done["details"]["in_force_from"]
            self.life.accounts[office, payee_id].append((since, number))
            self.changes.append((office, payee_id, number, answer["id"]))

    async def refuse(self, change: tuple[str, str, int, str]) -> None:
        """An officer refuses a change that waits, unless a file pays to it already."""
        office, payee_id, number, change_id = change
        (answer,) = await self._decide(office, change_id, "refuse")
        paid_to = {
            o.account for o in self.life.orders.values() if o.state not in ("draft", "approved")
        }
        assert (answer["code"] is None) == (account(number) not in paid_to), answer
        if answer["code"] is None:
            versions = self.life.accounts[office, payee_id]
            versions[:] = [version for version in versions if version[1] != number]
            self.changes.remove(change)

    async def _decide(self, office: str, change_id: str, decision: str) -> list[dict[str, Any]]:
        line = {"change_id": change_id, "decision": decision}
        path, by = "/payees/changes/decisions", OFFICES[office]
        return await self.doors.lines(path, [line], by=by, at=LATER)

    async def hear_the_country(self, *, others_first: bool) -> None:
        """What this cell said of evidence comes back, after another cell's claims or before."""
        async with self.doors.database.transaction() as session:
            rows = sorted(await session.execute(_TAKEN, {"topic": EVIDENCE.name}))
        for _, headers, payload in rows:
            kind = TYPE.search(bytes(headers))
            assert kind is not None
            fact = FACTS[kind[0].decode()].model_validate_json(bytes(payload))
            assert isinstance(fact, EvidenceClaimed | EvidenceReleased)
            if isinstance(fact, EvidenceClaimed) and others_first:
                await self._others_claim(fact)
            await self._hear(fact, self.doors.database.source)
            for one in fact.claims:
                if isinstance(fact, EvidenceClaimed):
                    self._stand(one.evidence_ref, one.order_id)
                elif self.held.get(one.evidence_ref) == one.order_id:
                    del self.held[one.evidence_ref]

    def _stand(self, ref: str, order_id: str) -> None:
        """A claim of this cell came back: it is first, or its order is taken back."""
        order = self.life.orders[order_id]
        assert order.paper is not None
        self.papers[ref] = order.paper
        if self.held.setdefault(ref, order_id) == order_id:
            order.waits = False
        elif order.live:
            assert order.state in ("draft", "approved"), "paid here and elsewhere"
            order.state = "cancelled"
        if self.held[ref].startswith(HELD_ELSEWHERE):
            self.life.elsewhere.add(order.paper)

    async def _others_claim(self, fact: EvidenceClaimed) -> None:
        """Another cell claims the same pieces of evidence a moment before."""
        self.stories += 1
        claims = [
            one.model_copy(update={"order_id": f"{HELD_ELSEWHERE}-{self.stories}-{one.order_id}"})
            for one in fact.claims
        ]
        await self._hear(fact.model_copy(update={"claims": tuple(claims)}), "/payments/elsewhere")
        for one in claims:
            self.held.setdefault(one.evidence_ref, one.order_id)

    async def released_elsewhere(self, ref: str) -> None:
        """The other cell's payment was returned: its paper may be claimed again."""
        claim = {"evidence_ref": ref, "order_id": self.held.pop(ref)}
        shelf = ref[ref.index(":") + 1]
        fact = EvidenceReleased.model_validate({"shelf": shelf, "claims": [claim]})
        await self._hear(fact, "/payments/elsewhere")
        self.life.elsewhere.discard(self.papers[ref])

    async def _hear(self, fact: EvidenceClaimed | EvidenceReleased, source: str) -> None:
        """Let payments hear the country's topic as its consumer does."""
        handlers = {kind: h for consumer in CONSUMERS for kind, h in consumer.handles.items()}
        at = datetime.fromisoformat(LATER)
        received = Received(fact, at, "1", source, EVIDENCE.name, 0, 1)
        async with self.doors.database.transaction() as session:
            await handlers[type(fact)](session, [received])
