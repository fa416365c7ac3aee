"""The steps a life may take: each rule is one, hypothesis chooses which and with what.

Things are chosen in the order in which they came, never by their ids, which are new in every run.
"""

from collections.abc import Coroutine, Sequence
from datetime import date
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.builders_payments import Payments
from tests.integration.payments.any_answer import Answers, Said
from tests.integration.payments.any_grant import Grants
from tests.integration.payments.any_life import TYPES, Life
from tests.integration.payments.any_order import OFFICES
from tests.integration.payments.any_paper import Papers
from tests.integration.payments.any_plan import APlan
from tests.integration.payments.any_report import PartnerReports
from tests.integration.payments.any_work import Work
from tests.integration.payments.aside import Aside
from tests.money_facts import OFFICE, OTHER_OFFICE

CENTS = st.integers(1, 20_000)
OFFICE_OF = st.sampled_from(sorted(OFFICES))
CALENDAR = [date(2021, 9, 30), date(2021, 10, 1), date(2021, 10, 15), date(2021, 11, 2)]
DAYS = st.sampled_from(CALENDAR)
MONTHS = ("2021-09", "2021-10", "2021-11")
MEASURES = st.sampled_from(sorted(TYPES))
PLANNED = st.dictionaries(
    MEASURES, st.dictionaries(st.sampled_from(MONTHS), CENTS, min_size=1), min_size=1
)
ANSWERED = ("in_file", "unknown", "settled", "returned")


class AnyPlan(RuleBasedStateMachine):
    """Plans that come, change, move and end; what is claimed on them."""

    aside: ClassVar[Aside]
    payments: ClassVar[Payments]

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(self.payments, self.payments.doors.settings.serves != "*")
        self.answers, self.reports = Answers(self.life), PartnerReports(self.life)
        self.papers, self.grants = Papers(self.life), Grants(self.life)
        self.work = Work(self.life, self.answers)
        self.went_wrong = False

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Take a step and wait for it."""
        try:
            return self.aside.run(work)
        except BaseException:
            self.went_wrong = True
            raise

    @initialize(here=st.integers(0, 60_000), there=st.none() | st.integers(0, 60_000))
    def partners_have_allocations_or_not(self, here: int, there: int | None) -> None:
        self.do(self.life.begin())
        self.do(self.life.allocate(OFFICE, "set", here))
        if there is not None:
            self.do(self.life.allocate(OTHER_OFFICE, "set", there))
        planned = dict.fromkeys(TYPES, dict.fromkeys(MONTHS, 4_000))
        for who, office in enumerate(OFFICES):
            self.do(self.life.approve(who, office, planned, date(2021, 9, 1)))

    def a_plan(self, data: st.DataObject) -> APlan:
        """Any plan there is."""
        return self.life.plans[data.draw(st.sampled_from(sorted(self.life.plans)))]

    def an_order(self, data: st.DataObject, *states: str) -> str:
        """Any order that stands there."""
        return data.draw(st.sampled_from(self.life.in_state(*states)))

    @rule(who=st.integers(0, 1), office=OFFICE_OF, planned=PLANNED, day=DAYS)
    def a_version_is_approved(
        self, who: int, office: str, planned: dict[str, dict[str, int]], day: date
    ) -> None:
        self.do(self.life.approve(who, office, planned, day))

    @rule(data=st.data(), how=st.sampled_from(["suspend", "close", "delete"]), day=DAYS)
    def a_plan_ends(self, data: st.DataObject, how: str, day: date) -> None:
        plan = self.a_plan(data)
        if not plan.deleted:
            self.do(self.life.end(plan, how, day))

    @rule(data=st.data(), planned=PLANNED, day=DAYS)
    def a_pupil_moves(
        self, data: st.DataObject, planned: dict[str, dict[str, int]], day: date
    ) -> None:
        who, office = data.draw(st.sampled_from(sorted(self.life.plans)))
        plan = self.life.plans[who, office]
        if not plan.deleted:
            self.do(self.life.end(plan, "suspend", day))
            (other,) = set(OFFICES) - {office}
            self.do(self.life.approve(who, other, planned, day))

    @rule(who=st.integers(0, 1), day=DAYS, presence=st.sampled_from(["absent", "present"]))
    def a_day_is_marked(self, who: int, day: date, presence: str) -> None:
        self.do(self.life.mark(who, day, presence))

    @rule(data=st.data(), measure_id=MEASURES, cents=CENTS, day=DAYS)
    def anything_is_claimed(
        self, data: st.DataObject, measure_id: str, cents: int, day: date
    ) -> None:
        self.do(self.life.claim(self.a_plan(data), measure_id, cents, day))

    def payable(self) -> list[tuple[tuple[int, str], str, date]]:
        """Measures of plans on days on which a version in force holds them."""
        return [
            (key, measure_id, day)
            for key, plan in sorted(self.life.plans.items())
            for measure_id in sorted(TYPES)
            for day in CALENDAR
            if plan.allows(day, measure_id)
        ]

    @precondition(lambda self: self.payable())
    @rule(data=st.data(), cents=st.lists(CENTS, min_size=1, max_size=3))
    def what_was_delivered_is_claimed(self, data: st.DataObject, cents: list[int]) -> None:
        for one in cents:
            key, measure_id, day = data.draw(st.sampled_from(self.payable()))
            self.do(self.life.claim(self.life.plans[key], measure_id, one, day))

    @precondition(lambda self: self.payable() and self.known_papers())
    @rule(data=st.data(), cents=CENTS)
    def a_paper_is_claimed_again(self, data: st.DataObject, cents: int) -> None:
        evidence = data.draw(st.sampled_from(self.known_papers()))
        key, measure_id, day = data.draw(st.sampled_from(self.payable()))
        self.do(self.life.claim(self.life.plans[key], measure_id, cents, day, evidence=evidence))

    def known_papers(self) -> list[dict[str, Any]]:
        """Invoices that were claimed before."""
        found = (order.evidence for order in self.life.orders.values())
        return [dict(one) for one in found if one is not None and one["kind"] == "invoice"]

    @rule(data=st.data(), cents=st.integers(1, 6_000))
    def preparation_is_claimed(self, data: st.DataObject, cents: int) -> None:
        self.do(self.life.prepare(self.a_plan(data), cents))

    @rule(office=OFFICE_OF, kind=st.sampled_from(["set", "increase", "decrease"]), cents=CENTS)
    def an_allocation_changes(self, office: str, kind: str, cents: int) -> None:
        self.do(self.life.allocate(office, kind, cents))

    @rule(office=OFFICE_OF, cents=CENTS)
    def an_allocation_is_transferred(self, office: str, cents: int) -> None:
        (other,) = set(OFFICES) - {office}
        to = {"to_partner": other, "to_semester": "2021-1"}
        self.do(self.life.allocate(office, "transfer", cents, **to))

    @rule()
    def what_waits_is_reserved_again(self) -> None:
        self.do(self.payments.reserve_again())

    @precondition(lambda self: self.life.past)
    @rule(data=st.data())
    def a_fact_is_told_again(self, data: st.DataObject) -> None:
        self.do(self.payments.hear(data.draw(st.sampled_from(self.life.past))))


class AnyOrder(AnyPlan):
    """Orders that are approved, filed, answered, given back, asked back and paid again."""

    @rule(office=OFFICE_OF, cents=CENTS)
    def an_instalment_is_due(self, office: str, cents: int) -> None:
        self.do(self.grants.instalment(office, cents))

    @precondition(lambda self: self.life.in_state("draft"))
    @rule()
    def orders_are_approved(self) -> None:
        self.do(self.life.approve_orders())

    @rule(office=OFFICE_OF, day=st.sampled_from(["2021-11-16", "2021-11-19"]))
    def a_file_is_issued(self, office: str, day: str) -> None:
        self.do(self.life.issue(office, day))

    @precondition(lambda self: self.life.in_state("draft", "approved"))
    @rule()
    def everything_is_approved_and_filed(self) -> None:
        self.do(self.life.approve_orders())
        for office in OFFICES:
            self.do(self.life.issue(office))

    @precondition(lambda self: self.life.files)
    @rule(data=st.data())
    def a_file_is_downloaded(self, data: st.DataObject) -> None:
        file_id = data.draw(st.sampled_from(list(self.life.files)))
        by = OFFICES[self.life.files[file_id]]
        self.do(self.payments.doors.get(f"/bank-files/{file_id}", by=by))

    @precondition(lambda self: self.life.in_state("in_file", "unknown"))
    @rule(data=st.data(), outcome=st.sampled_from(["settled", "settled", "returned", "unknown"]))
    def an_office_answers(self, data: st.DataObject, outcome: str) -> None:
        self.do(self.answers.by_door(self.an_order(data, "in_file", "unknown"), outcome))

    @precondition(lambda self: self.life.orders)
    @rule(
        data=st.data(), outcome=st.sampled_from(["settled", "returned"]), wrong=st.integers(0, 1),
        topic=st.booleans(),
    )  # fmt: skip
    def an_office_answers_anything(
        self, data: st.DataObject, outcome: str, wrong: int, topic: bool
    ) -> None:
        answer = self.answers.by_topic if topic else self.answers.by_door
        order_id = data.draw(st.sampled_from(list(self.life.orders)))
        self.do(answer(order_id, outcome, wrong))

    def said(self, data: st.DataObject, ours: Sequence[str]) -> list[Said]:
        """What a bank says of some of these orders, not of all."""
        outcome = st.sampled_from(["settled", "settled", "returned"])
        wrong = st.sampled_from([0, 0, 0, 1])
        one = st.tuples(st.sampled_from(ours), outcome, wrong)
        return data.draw(st.lists(one, min_size=1, max_size=4))

    @rule(data=st.data(), office=OFFICE_OF)
    def a_bank_sends_a_statement(self, data: st.DataObject, office: str) -> None:
        ours = [key for key, order in self.life.orders.items() if order.office == office]
        if ours:
            self.do(self.answers.by_statement(office, self.said(data, ours)))

    @precondition(lambda self: self.life.files)
    @rule(data=st.data())
    def a_bank_sends_a_status(self, data: st.DataObject) -> None:
        file_id = data.draw(st.sampled_from(list(self.life.files)))
        ours = [key for key, order in self.life.orders.items() if order.file_id == file_id]
        said = self.said(data, ours)
        self.do(self.answers.by_status(self.life.files[file_id], file_id, said))

    @precondition(lambda self: self.life.in_state("settled"))
    @rule(data=st.data(), cents=CENTS)
    def money_comes_back(self, data: st.DataObject, cents: int) -> None:
        self.do(self.answers.recover(self.an_order(data, "settled"), cents))

    @precondition(lambda self: self.life.in_state("settled"))
    @rule(data=st.data(), cents=CENTS)
    def money_is_asked_back(self, data: st.DataObject, cents: int) -> None:
        self.do(self.answers.demand(self.an_order(data, "settled"), cents))

    @precondition(lambda self: self.answers.lines)
    @rule(data=st.data(), cents=CENTS)
    def money_asked_back_comes(self, data: st.DataObject, cents: int) -> None:
        line = data.draw(st.sampled_from(self.answers.lines))
        self.do(self.answers.recover(line["order_id"], cents, line["demand_id"]))

    @precondition(lambda self: self.life.in_state("returned"))
    @rule(data=st.data(), decision=st.sampled_from(["pay_again", "pay_again", "give_up"]))
    def a_returned_order_is_repaired(self, data: st.DataObject, decision: str) -> None:
        self.do(self.answers.repair(self.an_order(data, "returned"), decision))

    @precondition(lambda self: self.life.in_state("draft", "approved"))
    @rule(data=st.data())
    def an_order_is_taken_back(self, data: st.DataObject) -> None:
        self.do(self.life.cancel(self.an_order(data, "draft", "approved")))
