"""Contents of plans and times of consultations as plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from services.plans.comparison import differences, is_minor
from services.plans.consultation_rules import Consultation, HeadOrder, Stop
from services.plans.content import Content, Measure, Risk, numbered
from services.plans.drafting_rules import carried_over
from services.plans.finance import Spending, Told, finance, meter
from services.plans.pupils import Application, rightly_signed
from services.plans.rulebook import first_day_of, last_day_of

AUTUMN = (date(2017, 9, 1), date(2017, 12, 22))
SPRING = (date(2018, 1, 8), date(2018, 5, 31))


def a_measure(measure_id: str = "plan.1", *, cents: int = 100, **more: object) -> Measure:
    """Meals in September and October."""
    measure = Measure(
        measure_id=measure_id,
        support_type="meals",
        delivery_mode="in_kind",
        provider_kind=None,
        risk_groups=("R3",),
        justification="hungry",
        planned=(("2017-09", cents), ("2017-10", cents)),
    )
    return replace(measure, **more)  # type: ignore[arg-type]  # any field of a measure, by name


def a_content(*measures: Measure, **more: object) -> Content:
    """A first version with one risk."""
    content = Content(
        plan_id="plan",
        version=1,
        valid_from=AUTUMN[0],
        valid_to=AUTUMN[1],
        risks=(Risk("R3", "no means"),),
        measures=measures or (a_measure(),),
        preparation_minutes_max=360,
        preparation_cents_max=4800,
        written_by="teacher",
    )
    return replace(content, **more)  # type: ignore[arg-type]  # any field of a content, by name


def held(day: date, starts_at: str, minutes: int) -> Consultation:
    """A consultation of one specialist."""
    return Consultation(
        consultation_id=f"{day}-{starts_at}",
        plan_id="plan",
        measure_id="plan.1",
        provider_ref="s1:" + "0" * 32,
        provider_kind="teacher",
        held_on=day,
        starts_at=time.fromisoformat(starts_at),
        minutes=minutes,
        mode="on_site",
        setting="after_lessons",
        subject=None,
        channel=None,
        head_order_id=None,
        recorded_by="teacher",
        recorded_at=datetime(2017, 10, 2, tzinfo=UTC),
    )


def test_two_consultations_meet_when_they_share_a_minute() -> None:
    first = held(date(2017, 10, 2), "14:00", 40)
    assert first.meets(held(date(2017, 10, 2), "14:39", 10))
    assert first.meets(held(date(2017, 10, 2), "13:30", 31))
    assert not first.meets(held(date(2017, 10, 2), "14:40", 10))
    assert not first.meets(held(date(2017, 10, 3), "14:00", 40))


def test_times_are_compared_over_midnight() -> None:
    late = held(date(2017, 10, 2), "23:50", 30)
    assert late.meets(held(date(2017, 10, 3), "00:10", 10))
    assert not late.meets(held(date(2017, 10, 3), "00:20", 10))


def test_a_stop_lasts_to_the_day_before_the_new_approval() -> None:
    stop = Stop("plan", date(2017, 10, 2), date(2017, 10, 11))
    days = [date(2017, 10, day) for day in (1, 2, 10, 11)]
    assert [stop.holds_on(day) for day in days] == [False, True, True, False]
    assert replace(stop, until=None).holds_on(date(2030, 1, 1))


def test_an_order_that_was_taken_back_holds_until_the_day_before() -> None:
    order = HeadOrder(
        order_id="o",
        school_id="one",
        kind="remote",
        number="1",
        issued_on=date(2017, 9, 1),
        valid_from=date(2017, 9, 1),
        valid_to=date(2017, 9, 30),
        plan_ids=("plan",),
        provider_refs=("s",),
        channels=("zoom",),
        confirmation_kinds=(),
        place=None,
        place_kind=None,
        revoked_on=date(2017, 9, 10),
    )
    assert order.permits_remote("plan", "s", "zoom", date(2017, 9, 9))
    assert not order.permits_remote("plan", "s", "zoom", date(2017, 9, 10))
    assert not order.permits_remote("other", "s", "zoom", date(2017, 9, 9))


def test_differences_name_each_field_with_old_and_new() -> None:
    old = a_content()
    new = a_content(a_measure(cents=90), risks=(Risk("R3", "other words"),))
    assert [(d.field, d.old, d.new) for d in differences(old, new)] == [
        ("measures.plan.1.planned.2017-09", 100, 90),
        ("measures.plan.1.planned.2017-10", 100, 90),
        ("risks.R3", "no means", "other words"),
    ]
    assert differences(old, old) == []


def test_a_minor_change_costs_no_cent_more_and_brings_nothing_new() -> None:
    old = a_content()
    assert is_minor(old, a_content(a_measure(cents=100, justification="typing error")))
    assert is_minor(old, a_content(a_measure(planned=(("2017-09", 100),))))
    for new in (
        a_content(a_measure(cents=101)),
        a_content(a_measure(planned=(("2017-09", 100), ("2017-10", 99), ("2017-11", 1)))),
        a_content(a_measure(), a_measure("plan.2", cents=0)),
        a_content(a_measure(support_type="accommodation")),
        a_content(risks=(Risk("R3", "no means"), Risk("R1", "more"))),
        a_content(valid_to=date(2017, 12, 23)),
        a_content(preparation_cents_max=4801),
    ):
        assert not is_minor(old, new)


def test_new_measures_get_numbers_that_were_never_used() -> None:
    measures = numbered(
        "plan", [a_measure("plan.1"), a_measure(""), a_measure("")], known={"plan.1", "plan.7"}
    )
    assert [measure.measure_id for measure in measures] == ["plan.1", "plan.8", "plan.9"]


def test_what_was_planned_every_month_is_planned_every_month_again() -> None:
    every = tuple((f"2017-{month:02d}", 100 + month) for month in range(9, 13))
    monthly = a_measure(planned=every)
    once = a_measure(planned=(("2017-09", 3500),))
    first, second = carried_over([monthly, once], old=AUTUMN, new=SPRING)
    assert first.planned == tuple((f"2018-{month:02d}", 112) for month in range(1, 6))
    assert second.planned == (("2018-01", 3500),)
    assert (first.measure_id, second.measure_id) == ("", "")


def test_the_meter_adds_all_plans_and_knows_a_ceiling_told_for_others() -> None:
    plans = [a_content(a_measure(cents=20000)), a_content(a_measure(cents=15000), plan_id="two")]
    september, october = meter(plans, {"2017-09": Told(30000, 5, 7)}, {"2017-10": 30000})
    assert (september.planned_cents, september.reserved_cents, september.over) == (35000, 5, True)
    assert (october.told_for_pupil, october.over) == (False, True)
    assert not meter(plans, {}, {})[0].over, "without a told ceiling nothing is warned of"


def test_finance_shows_the_plan_without_preparation_and_what_was_used() -> None:
    spent = [Spending("o1", "plan", "plan.1", "2017-09", 60), Spending("o2", "plan", None, "x", 5)]
    shown = finance(a_content(), spent)
    assert (shown.planned_cents, shown.planned_with_preparation_cents) == (200, 5000)
    assert (shown.used_cents, shown.used_by_measure) == (65, {"plan.1": 60, "preparation": 5})


@pytest.mark.parametrize(
    ("signer", "alone_from", "right"),
    [
        ("parent", date(2017, 9, 6), True),
        ("parent", date(2017, 9, 5), False),
        ("adult_pupil", date(2017, 9, 5), True),
        ("adult_pupil", date(2017, 9, 6), False),
        ("parent", None, True),
    ],
)
def test_who_signs_changes_on_the_eighteenth_birthday(
    signer: str, alone_from: date | None, right: bool
) -> None:
    application = Application("a", signer, date(2017, 9, 5), None)
    assert rightly_signed(application, alone_from) is right


def test_dates_written_as_month_or_year_mean_their_first_and_last_day() -> None:
    assert first_day_of("2017-09") == date(2017, 9, 1)
    assert last_day_of("2022-12") == date(2022, 12, 31)
    assert (first_day_of("2017"), last_day_of("2022")) == (date(2017, 1, 1), date(2022, 12, 31))
    assert last_day_of("2022-12-30") == date(2022, 12, 30)
    assert first_day_of(None) is last_day_of(None) is None
