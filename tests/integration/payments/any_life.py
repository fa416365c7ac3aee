"""What may happen to two pupils, two partners and their money, through the doors of payments.

Beside the service stands what everybody can count by hand: which days a version of a plan is in
force, which orders were made, filed, paid and given back.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from shared.auth import Role
from shared.contracts.base import Fact
from shared.registers import keep_schools
from tests.builders_payments import Payments
from tests.doors import told
from tests.integration.payments.any_order import (
    ACCOUNTS,
    OFFICES,
    SCHOOLS,
    SECONDS,
    AnOrder,
    of_state,
)
from tests.integration.payments.any_plan import APlan
from tests.integration.payments.any_share import Elsewhere
from tests.money_facts import (
    LATER,
    OTHER_OFFICE,
    OTHER_SCHOOL,
    TEACHER,
    a_claim,
    a_closing,
    a_deletion,
    a_school,
    a_suspension,
    account,
    an_approval,
    an_invoice,
    days_marked,
    hours_of_preparation,
    pupil,
)

TYPES = {"s": "special_transport", "a": "accommodation", "m": "meals"}
MEALS = "m"
EMPTIED = (
    "beneficiaries, plans, plan_versions, preparations, pupil_months, entitlements, claims, orders,"
    " bank_files, bank_file_chunks, reports, recoveries, demands, repairs, resolutions,"
    " allocations, allocation_years, allocation_acts, allocation_decisions, evidence_claims,"
    " absent_days, claimed_days, freed_days, day_cases, vouchers, payees, payee_changes,"
    " bank_messages, bank_lines, fundings, partner_reports, partner_report_lines, claim_packages,"
    " outbox, month_asks, month_gifts"
)


@dataclass
class Life:
    """The service, and what happened so far."""

    payments: Payments
    several: bool = False
    pupils: list[str] = field(default_factory=lambda: [pupil(), pupil()])
    plans: dict[tuple[int, str], APlan] = field(default_factory=dict)
    orders: dict[str, AnOrder] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    past: list[Fact] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    absent: set[tuple[str, str]] = field(default_factory=set)
    accounts: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.other_cell = Elsewhere(self.payments)

    async def begin(self) -> None:
        """Empty the books; two offices with an account and their payees stay."""
        async with self.payments.doors.database.transaction() as session:
            await session.execute(text(f"TRUNCATE {EMPTIED}"))
        for number, office in enumerate(OFFICES, start=1):
            self.accounts = {**self.accounts, (office, "mother"): [("2021-01-01", number)]}
            self.accounts[office, "caterer"] = [("2021-01-01", 10 + number)]
            self.accounts[office, "club"] = [("2021-01-01", 20 + number)]
            await self.payments.payee("mother", number, partner=office)
            caterer = {"kind": "provider", "name": "SIA Zupa", "code": "40003521600"}
            await self.payments.payee("caterer", 10 + number, partner=office, **caterer)
            club = {"kind": "organisation", "name": "Biedrība “Jaunie”"}
            await self.payments.payee("club", 20 + number, partner=office, **club)

    async def hear(self, fact: Fact, *, at: str = "2021-09-01T09:00:00+00:00") -> None:
        """Let payments hear a fact, which may be told again later."""
        await self.payments.hear(fact, at=at)
        self.past.append(fact)
        await self.hear_of_months()

    async def hear_of_months(self) -> None:
        """Where several cells pay, let them agree on the pupils' months."""
        if self.several:
            await self.other_cell.hears()

    async def approve(
        self, who: int, office: str, planned: Mapping[str, Mapping[str, int]], day: date
    ) -> None:
        """A new plan, or a new version of the one there is."""
        plan = self.plans.get((who, office))
        if plan is None or plan.deleted:
            plan = APlan(f"life-{next(self.numbers)}", self.pupils[who], office)
            self.plans[who, office] = plan
        plan.version += 1
        number = len(plan.days) + 1
        first = date(2021, 9, 1) if number == 1 else day
        plan.end(first)
        plan.days[number] = first, date(2021, 12, 21)
        plan.measures[number] = frozenset(planned)
        await self.hear(
            an_approval(
                plan.pupil_ref,
                plan.plan_id,
                {name: (TYPES[name], months) for name, months in planned.items()},
                plan_version=number,
                version=plan.version,
                approved_on=day.isoformat(),
                partner=office,
                school_id=SCHOOLS[office],
            )
        )

    async def end(self, plan: APlan, how: str, day: date) -> None:
        """Suspend or close a plan, or ask for its deletion."""
        plan.version += 1
        about = plan.pupil_ref, plan.plan_id
        if how == "delete":
            fact: Fact = a_deletion(*about, version=plan.version)
            spent = (o.counts for o in self.orders.values() if o.plan_id == plan.plan_id)
            plan.deleted = sum(spent) == 0
            self.deleted |= {plan.plan_id} if plan.deleted else set()
        elif how == "close":
            fact = a_closing(*about, on=day.isoformat(), version=plan.version)
            plan.end(day + timedelta(days=1))
        else:
            fact = a_suspension(*about, on=day.isoformat(), version=plan.version)
            plan.end(day)
        await self.hear(fact)

    async def mark(self, who: int, day: date, presence: str) -> None:
        """The school says that a pupil was away on a day, or there after all."""
        marked = self.pupils[who], day.isoformat()
        version = next(self.numbers) + 10
        await self.hear(days_marked(*marked, presence=presence, version=version))
        (self.absent.add if presence == "absent" else self.absent.discard)(marked)

    async def prepare(self, plan: APlan, cents: int) -> None:
        """Hours of preparation are released and claimed."""
        await self.hear(hours_of_preparation(plan.pupil_ref, plan.plan_id, 360))
        evidence = {"kind": "preparation"}
        await self.submit(
            plan, a_claim(plan.plan_id, "preparation", cents, month=None, evidence=evidence)
        )

    async def claim(
        self,
        plan: APlan,
        measure_id: str,
        cents: int,
        day: date,
        *,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        """Claim a day of a measure; it is paid only where a version in force holds it."""
        on = {"month": None, "service_date": day.isoformat(), "evidence": evidence or an_invoice()}
        meal = (plan.pupil_ref, day.isoformat()) if measure_id == MEALS else None
        claim = a_claim(plan.plan_id, measure_id, cents, **on)
        if await self.submit(plan, claim, meal=meal):
            assert plan.allows(day, measure_id), "paid without a plan in force"

    async def submit(
        self, plan: APlan, claim: dict[str, Any], *, meal: tuple[str, str] | None = None
    ) -> bool:
        """Submit a claim, which comes to what was said before, and remember its order."""
        before = await self.payments.doors.lines("/claims/what-if", [claim], by=TEACHER, at=LATER)
        (answer,) = await self.payments.claim([claim])
        assert _gist(answer) == _gist(before[0]), (answer, before)
        await self.hear_of_months()
        if answer["status"] == "refused":
            assert answer["code"], answer
            return False
        cents = answer["details"]["cents"]
        assert 0 < cents <= claim["cents"]
        order = AnOrder(
            answer["details"]["order_id"], plan.office, plan.pupil_ref, plan.plan_id, cents,
            payee_id=claim["payee_id"], evidence=claim["evidence"], meal=meal,
        )  # fmt: skip
        self.add(order)
        return True

    def add(self, order: AnOrder) -> None:
        """A new order: no other one of its paper or meal is paid, here or elsewhere."""
        paper, meal = order.paper, order.meal
        others = [other for other in self.orders.values() if other.live]
        assert paper is None or paper not in self.elsewhere, "paid elsewhere"
        assert paper is None or paper not in {other.paper for other in others}, "paid twice"
        assert meal is None or meal not in self.absent, "paid for a day away"
        assert meal is None or meal not in {other.meal for other in others}, "one meal a day"
        order.waits = self.several and paper is not None
        self.orders[order.order_id] = order

    def in_state(self, *states: str) -> list[str]:
        """Orders that stand there, oldest first."""
        return of_state(self.orders.values(), *states)

    async def approve_orders(self) -> None:
        """A second person approves all drafts."""
        for office, officer in SECONDS.items():
            drafts = [one for one in self.in_state("draft") if self.orders[one].office == office]
            if drafts:
                answers = await self.payments.approve_orders(*drafts, by=officer)
                assert {answer["status"] for answer in answers} == {"accepted"}, answers
                for order_id in drafts:
                    self.orders[order_id].state = "approved"

    async def issue(self, office: str, day: str = "2021-11-16") -> None:
        """The file of the day: whatever is approved and waits for no other office."""
        body = {"partner": office, "execution_date": day}
        by = OFFICES[office]
        answer = await self.payments.doors.send("/bank-files", body, by=by, at=LATER)
        approved = (self.orders[one] for one in self.in_state("approved"))
        ready = [order for order in approved if order.office == office and not order.waits]
        assert (answer.status_code == 201) == bool(ready), answer.text
        for file in answer.json().get("files", ()):
            self.files[file["file_id"]] = office
            for order in ready:
                order.state, order.file_id = "in_file", file["file_id"]
                order.account = self.account_on(order, day)

    def account_on(self, order: AnOrder, day: str) -> str:
        """Where money for a payee goes on a day."""
        versions = self.accounts[order.office, order.payee_id]
        return account(max(version for version in versions if version[0] <= day)[1])

    async def cancel(self, order_id: str) -> None:
        """An order that is in no file yet is taken back, unless it is a part of a grant."""
        order = self.orders[order_id]
        line = {"order_id": order_id, "reason_code": "mistake"}
        by = OFFICES[order.office]
        (answer,) = await self.payments.doors.lines("/orders/cancellations", [line], by=by)
        assert (answer["status"] == "accepted") == (order.plan_id is not None), answer
        if order.plan_id is not None:
            order.state = "cancelled"

    async def allocate(self, office: str, kind: str, cents: int, **more: Any) -> None:
        """Two officers change an allocation, or are refused."""
        answer = await self.payments.allocate(kind, cents, partner=office, **more)
        known = (None, "allocation-already-set", "allocation-not-set", "allocation-spoken-for")
        assert answer["code"] in known, answer


def _gist(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    """What an answer on a claim comes to."""
    return answer["status"], answer["code"], (answer["details"] or {}).get("cents")


async def two_partners(payments: Payments) -> None:
    """A second office with a school and an account; each has a second officer."""
    await payments.doors.grant(TEACHER, Role.PREPARER, OTHER_SCHOOL)
    for office, officer in SECONDS.items():
        await payments.doors.grant(officer, Role.PAYMENT_OFFICER, office)
    async with payments.doors.database.transaction() as session:
        await keep_schools(session, [told(a_school(OTHER_SCHOOL, OTHER_OFFICE))])
    payer = {"iban": ACCOUNTS[OTHER_OFFICE], "bic": "TRELLV22"}
    await payments.set_parameter("payer_account", payer, place=OTHER_OFFICE)
