"""Whatever happens, in whatever order: no limit is exceeded and every sum is that of its parts."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.builders_payments import Payments
from tests.integration.payments.any_books import books_agree, files_and_facts_agree
from tests.integration.payments.any_machine import CALENDAR, MONTHS, OFFICE_OF, AnyOrder
from tests.integration.payments.any_order import OFFICES
from tests.integration.payments.any_paper import HELD_ELSEWHERE
from tests.integration.payments.aside import Aside

VERDICTS = st.sampled_from(["accepted", "accepted", "reduced", "rejected"])
ACCOUNT_OF = st.sampled_from([31, 32, 33])


class AnyLife(AnyOrder):
    """Everything that may happen, through the doors of payments."""

    @rule(office=OFFICE_OF)
    def a_partner_reports(self, office: str) -> None:
        self.do(self.reports.submit(office))

    @precondition(lambda self: self.reports.open)
    @rule(data=st.data())
    def the_state_decides(self, data: st.DataObject) -> None:
        report_id = data.draw(st.sampled_from(self.reports.open))
        lines = self.do(self.reports.lines(report_id))
        if lines:
            chosen = st.lists(st.sampled_from(lines), min_size=1, max_size=len(lines) + 1)
            verdicts = [self.a_verdict(data, line) for line in data.draw(chosen)]
            self.do(self.reports.decide(report_id, verdicts))

    def a_verdict(self, data: st.DataObject, line: dict[str, Any]) -> dict[str, Any]:
        """Something the state may say of a line."""
        decision, permille = data.draw(VERDICTS), data.draw(st.integers(1, 999))
        if line["cents"] < 0:
            decision = "accepted"
        asked = line["cents"] * permille // 1_000 if decision == "reduced" else None
        verdict = {"line_no": line["line_no"], "decision": decision, "accepted_cents": asked}
        return verdict | {"reason_code": None if decision == "accepted" else "other"}

    @precondition(lambda self: self.reports.open)
    @rule(data=st.data(), everything=st.booleans())
    def the_state_verifies(self, data: st.DataObject, everything: bool) -> None:
        report_id = data.draw(st.sampled_from(self.reports.open))
        if everything:
            lines = self.do(self.reports.lines(report_id))
            accept = [{"line_no": line["line_no"], "decision": "accepted"} for line in lines]
            self.do(self.reports.decide(report_id, accept)) if accept else None
        self.do(self.reports.verify(report_id))

    @rule()
    def the_state_claims(self) -> None:
        self.do(self.reports.package())

    @precondition(lambda self: self.life.orders)
    @rule(data=st.data(), office=OFFICE_OF)
    def a_person_says_what_a_line_is_about(self, data: st.DataObject, office: str) -> None:
        items = self.do(self.work.items(office))
        ours = [key for key, order in self.life.orders.items() if order.office == office]
        if items:
            chosen = data.draw(st.sampled_from(items)), data.draw(st.sampled_from(ours))
            self.do(self.work.resolve(office, *chosen))

    @precondition(lambda self: self.life.absent)
    @rule(data=st.data(), office=OFFICE_OF, decision=st.sampled_from(["recover", "keep"]))
    def a_person_decides_about_a_day(self, data: st.DataObject, office: str, decision: str) -> None:
        cases = self.do(self.work.cases(office))
        if cases:
            self.do(self.work.decide(office, data.draw(st.sampled_from(cases)), decision))

    @rule(data=st.data(), quantity=st.integers(1, 3))
    def vouchers_are_issued(self, data: st.DataObject, quantity: int) -> None:
        self.do(self.papers.issue(self.a_plan(data), quantity))

    @precondition(lambda self: self.papers.vouchers)
    @rule(data=st.data(), day=st.sampled_from(CALENDAR[1:3]), cents=st.integers(1, 200))
    def a_meal_is_served(self, data: st.DataObject, day: Any, cents: int) -> None:
        number = data.draw(st.sampled_from(list(self.papers.vouchers)))
        self.do(self.papers.redeem(number, day.isoformat()))
        self.do(self.papers.claim(number, cents))

    @precondition(lambda self: self.papers.vouchers)
    @rule(data=st.data(), how=st.sampled_from(["claim", "cancellations", "expirations"]))
    def a_voucher_goes_on(self, data: st.DataObject, how: str) -> None:
        number = data.draw(st.sampled_from(list(self.papers.vouchers)))
        if how == "claim":
            self.do(self.papers.claim(number, 150))
        else:
            self.do(self.papers.end(number, how))

    @rule(office=OFFICE_OF, payee_id=st.sampled_from(["mother", "caterer"]), number=ACCOUNT_OF)
    def a_payee_changes(self, office: str, payee_id: str, number: int) -> None:
        self.do(self.papers.propose(office, payee_id, number))

    @precondition(lambda self: self.papers.changes)
    @rule(data=st.data())
    def a_change_is_refused(self, data: st.DataObject) -> None:
        self.do(self.papers.refuse(data.draw(st.sampled_from(self.papers.changes))))

    @precondition(lambda self: self.life.several)
    @rule(others_first=st.booleans())
    def the_country_is_heard(self, others_first: bool) -> None:
        self.do(self.papers.hear_the_country(others_first=others_first))

    @precondition(lambda self: self.life.several)
    @rule(who=st.integers(0, 1), month=st.sampled_from(MONTHS))
    def a_pupil_has_a_plan_elsewhere(self, who: int, month: str) -> None:
        self.do(self.life.other_cell.asks(self.life.pupils[who], month))

    @precondition(lambda self: self.held_elsewhere())
    @rule(data=st.data())
    def the_country_gives_a_paper_back(self, data: st.DataObject) -> None:
        self.do(self.papers.released_elsewhere(data.draw(st.sampled_from(self.held_elsewhere()))))

    def held_elsewhere(self) -> list[str]:
        """Papers that another cell holds."""
        held = self.papers.held.items()
        return [ref for ref, holder in held if holder.startswith(HELD_ELSEWHERE)]

    @invariant()
    def the_books_agree(self) -> None:
        self.do(books_agree(self.life))
        self.do(self.reports.sums_are_within_orders())
        if self.life.several:
            self.do(self.months_are_shared())

    async def months_are_shared(self) -> None:
        """What became free meanwhile has gone where it belongs, and both cells hold the ceiling."""
        await self.life.hear_of_months()
        await self.life.other_cell.all_is_there()

    def teardown(self) -> None:
        if not self.went_wrong:
            for office in OFFICES:
                self.do(self.reports.submit(office))
            self.do(files_and_facts_agree(self.life))


@pytest.mark.feature("M1")
@pytest.mark.feature("M2")
@pytest.mark.feature("M24")
@pytest.mark.feature("M26")
@pytest.mark.feature("N7")
@pytest.mark.feature("D1")
@pytest.mark.feature("D12")
def test_any_life_of_money_leaves_books_that_agree(
    any_cell: tuple[Aside, Payments],
) -> None:
    AnyLife.aside, AnyLife.payments = any_cell
    run_state_machine_as_test(
        AnyLife,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
