"""Rules of grades, registers, risks, signals and signatures."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identification import domain, risk_rules
from services.identification.application_rules import (
    AdultSignsAlone,
    ParentMustSign,
    check_signer,
)
from services.identification.attendance_rules import AbsenceRule, NotAnAbsenceRule, read_rule
from services.identification.contact_rules import is_excuse_late
from services.identification.domain import Change, Identity, Pupil, Status
from services.identification.grant_rules import ORGANISATIONS_OF, Links, givers_of, waits_for
from services.identification.need_rules import TAKEN_BY, Step, next_step
from services.identification.place_rules import half_of_school_year, semester_near
from services.identification.risk_factors import CATALOGUE
from services.identification.risk_rules import MOVES, Risk, State, WrongRiskMove, check_move
from services.identification.schooling import Place
from services.identification.target_group import (
    GradeRange,
    NotARange,
    OutsideTargetGroup,
    check_target_group,
    read_ranges,
)
from shared.auth import Role
from shared.contracts.identification import SignerKind
from shared.errors import FourEyes

DAY = date(2017, 9, 1)
PUPIL = Pupil(
    pupil_ref="p1:" + "0" * 32,
    version=3,
    status=Status.ENROLLED,
    school_id="one",
    municipality_id="90000054572",
    partner="90000054572",
    programme="general",
    grade=7,
    sex="female",
    valid_from=DAY,
)
PLACE = Place(
    school_id="two",
    school_kind="secondary_school",
    institution_type="general",
    municipality_id="90009147276",
    partner="90009147276",
    valid_from=date(2010, 1, 1),
    valid_to=None,
)


def test_a_range_or_a_list_of_ranges_is_read() -> None:
    assert read_ranges({"from": 5, "to": 12}) == (GradeRange(5, 12),)
    both = read_ranges([{"from": 1, "to": 4}, {"from": 5, "to": 12}])
    assert both == (GradeRange(1, 4), GradeRange(5, 12))


@pytest.mark.parametrize(
    "value", [None, 5, "5-12", {}, {"from": 5}, {"from": 12, "to": 5}, {"from": 0, "to": 4}, [3]]
)
def test_what_is_no_range_is_refused(value: Any) -> None:
    with pytest.raises(NotARange):
        read_ranges(value)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12))
def test_a_grade_is_served_exactly_inside_a_range(grade: int, first: int, last: int) -> None:
    served = [GradeRange(first, last)]
    if first <= grade <= last:
        check_target_group("general", grade, served, day=DAY)
    else:
        with pytest.raises(OutsideTargetGroup):
            check_target_group("general", grade, served, day=DAY)


def test_a_line_that_repeats_what_is_known_changes_nothing() -> None:
    told = replace(PUPIL, version=0, valid_from=DAY + timedelta(days=30))
    assert domain.entered(PUPIL, told, same_person=True) == (Change.UNCHANGED, PUPIL)


def test_a_line_with_another_grade_is_a_change_from_its_day_on() -> None:
    later = DAY + timedelta(days=30)
    change, after = domain.entered(
        PUPIL, replace(PUPIL, version=0, grade=8, valid_from=later), same_person=True
    )
    assert (change, after.grade, after.valid_from, after.version) == (Change.CHANGED, 8, later, 4)


def test_a_pupil_who_left_may_be_entered_anywhere() -> None:
    left = replace(PUPIL, status=Status.LEFT, left_on=DAY)
    change, after = domain.entered(
        left, replace(PUPIL, version=0, school_id="two"), same_person=True
    )
    assert (change, after.school_id, after.version) == (Change.CHANGED, "two", 4)


def test_a_move_tells_the_new_place_and_keeps_the_rest() -> None:
    day = DAY + timedelta(days=5)
    after = domain.moved(PUPIL, to=PLACE, programme=None, grade=None, day=day)
    assert after == replace(
        PUPIL,
        school_id="two",
        municipality_id="90009147276",
        partner="90009147276",
        valid_from=day,
        version=4,
    )
    with pytest.raises(domain.SameSchool):
        domain.moved(PUPIL, to=replace(PLACE, school_id="one"), programme=None, grade=8, day=day)


def test_every_move_of_a_proposal_outside_the_table_is_refused() -> None:
    for state, to in itertools.product(State, State):
        risk = Risk("risk", PUPIL.pupil_ref, "2017-1", "one", ("R1",), state, "teacher")
        if (state, to) in MOVES:
            check_move(risk, to)
        else:
            with pytest.raises(WrongRiskMove):
                check_move(risk, to)


def test_who_proposed_does_not_decide() -> None:
    risk = Risk("risk", PUPIL.pupil_ref, "2017-1", "one", ("R1",), State.PROPOSED, "teacher")
    risk_rules.check_second_look(risk, by="head")
    with pytest.raises(FourEyes):
        risk_rules.check_second_look(risk, by="teacher")


def test_every_group_has_factors_and_one_that_takes_a_text() -> None:
    for group in ("R1", "R2", "R3", "R4"):
        factors = [factor for factor in CATALOGUE.values() if factor.group == group]
        assert len(factors) > 3
        assert sum(factor.needs_text for factor in factors) == 1
    assert all(factor.restricted for factor in CATALOGUE.values() if factor.group == "R2")


@pytest.mark.parametrize(
    ("comparator", "lessons", "signals"),
    [
        ("at_least", None, False),
        ("at_least", 0, False),
        ("at_least", 19, False),
        ("at_least", 20, True),
        ("more_than", 20, False),
        ("more_than", 21, True),
    ],
)
def test_the_comparator_decides_at_the_edge(
    comparator: str, lessons: int | None, signals: bool
) -> None:
    assert AbsenceRule(1, 20, comparator).signals(lessons) is signals


@pytest.mark.parametrize(
    "value",
    [
        20,
        {"version": 1, "threshold": 0, "comparator": "at_least"},
        {"version": 1, "threshold": 20, "comparator": ">="},
        {"threshold": 20, "comparator": "at_least"},
    ],
)
def test_what_is_no_absence_rule_is_refused(value: Any) -> None:
    with pytest.raises(NotAnAbsenceRule):
        read_rule(value)


@given(st.dates(date(1980, 1, 1), date(2012, 12, 31)), st.integers(0, 12_000))
def test_exactly_one_of_parent_and_pupil_may_sign(born: date, days: int) -> None:
    who = Identity("32990000019", "Ilze", "Ozolzīle", birth_date=born.isoformat())
    signed_on = born + timedelta(days=days)
    by_pupil = signed_on >= who.signs_alone_from
    allowed, refused = SignerKind.ADULT_PUPIL, SignerKind.PARENT
    why: type[Exception] = AdultSignsAlone
    if not by_pupil:
        allowed, refused, why = refused, allowed, ParentMustSign
    assert check_signer(who, allowed, signed_on=signed_on) is by_pupil
    with pytest.raises(why):
        check_signer(who, refused, signed_on=signed_on)


def test_who_is_born_on_a_leap_day_is_of_age_on_the_first_of_march() -> None:
    who = Identity("32990000019", "Ilze", "Ozolzīle", birth_date="2000-02-29")
    assert who.signs_alone_from == date(2018, 3, 1)


def test_every_role_has_organisations_and_a_giver() -> None:
    assert set(ORGANISATIONS_OF) == set(Role)
    assert all(Role.STATE_OFFICER in givers_of(role) for role in Role)


def test_a_grant_waits_for_each_missing_link_by_name() -> None:
    links = Links(schools={"one": "90000054572"}, staff={"s1:a"})

    def waits(role: Role, organisation: str, staff_ref: str | None) -> list[str]:
        return waits_for(role, organisation, subject="x", staff_ref=staff_ref, links=links)

    assert waits(Role.PREPARER, "one", "s1:a") == []
    assert waits(Role.PREPARER, "one", "s1:b") == ["staff:s1:b"]
    assert waits(Role.PREPARER, "two", None) == ["school:two", "staff-of-subject:x"]
    assert waits(Role.HEAD, "one", None) == []
    assert waits(Role.STATE_OFFICER, "state", None) == []


def test_a_semester_lies_in_its_half_of_the_school_year() -> None:
    assert half_of_school_year("2017-1") == (date(2017, 7, 1), date(2018, 1, 31))
    assert half_of_school_year("2017-2") == (date(2018, 1, 1), date(2018, 8, 31))


def test_the_semester_of_a_day_is_the_first_that_is_not_over() -> None:
    ends = [("2017-2", date(2018, 5, 31)), ("2017-1", date(2017, 12, 22))]
    assert semester_near(ends, day=date(2017, 12, 22)) == "2017-1"
    assert semester_near(ends, day=date(2017, 12, 23)) == "2017-2"
    assert semester_near(ends, day=date(2018, 6, 1)) is None


def test_an_excuse_is_due_within_its_days() -> None:
    back = date(2017, 9, 13)
    assert not is_excuse_late(back, back + timedelta(days=3), days_max=3)
    assert is_excuse_late(back, back + timedelta(days=4), days_max=3)
    assert not is_excuse_late(back, None, days_max=3)


@pytest.mark.parametrize(
    ("risk_state", "is_signed", "plan_state", "step"),
    [
        (None, False, None, Step.LOOK_AT_SIGNAL),
        ("proposed", True, None, Step.SECOND_LOOK),
        ("confirmed", False, None, Step.GET_SIGNATURE),
        ("confirmed", True, None, Step.DRAFT_PLAN),
        ("confirmed", True, "returned", Step.FINISH_PLAN),
        ("confirmed", True, "submitted", Step.FINISH_PLAN),
        ("confirmed", True, "approved", Step.FOLLOW_PLAN),
    ],
)
def test_the_next_step_follows_from_what_is_there(
    risk_state: str | None, is_signed: bool, plan_state: str | None, step: Step
) -> None:
    found = next_step(risk_state=risk_state, is_signed=is_signed, plan_state=plan_state)
    assert found is step
    assert TAKEN_BY[step]
