"""The form says what it lacks and what is wrong in it before anybody files it."""

from datetime import date
from typing import Any

import pytest

from services.ngo_grants.application_rules import MOVES, State, check_move, title_key
from services.ngo_grants.domain import CALL_MOVES, CallState, WrongMove
from services.ngo_grants.form import Form, Incomplete, check_complete, problems
from tests.builders_ngo_grants import A_FORM
from tests.builders_scores import the_rules


def a_form(**changed: Any) -> Form:
    """A complete form, some fields changed."""
    return Form.model_validate({**A_FORM, **changed})


def codes(form: Form, **rules: Any) -> list[tuple[str, str | None]]:
    """What stands against filing it in 2018."""
    return [(p.code, p.field) for p in problems(form, the_rules(**rules), year=2018)]


def test_a_complete_form_has_no_problems() -> None:
    assert codes(a_form()) == []


def test_an_empty_form_lists_everything_it_lacks() -> None:
    found = codes(Form())
    assert {code for code, _ in found} == {"missing"}
    assert ("missing", "title") in found and ("missing", "youth_role.idea") in found
    with pytest.raises(Incomplete) as refusal:
        check_complete(problems(Form(), the_rules(), year=2018))
    assert len(refusal.value.details["problems"]) == len(found)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "code"),
    [
        ("2018-11-01", "2019-01-30", "duration-out-of-range"),
        ("2018-11-01", "2020-05-01", "duration-out-of-range"),
        ("2019-01-01", "2019-05-31", "starts-outside-call-year"),
    ],
)
def test_dates_outside_the_rules_are_named(starts_on: str, ends_on: str, code: str) -> None:
    form = a_form(starts_on=starts_on, ends_on=ends_on, activities=A_FORM["activities"][:0])
    assert code in {found for found, _ in codes(form)}


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        ("2018-11-01", "2019-01-31"),
        ("2018-11-01", "2020-04-30"),
        ("2018-11-30", "2019-02-27"),
        ("2018-09-01", "2019-05-31"),
    ],
)
def test_three_to_eighteen_whole_months_are_allowed(starts_on: str, ends_on: str) -> None:
    activity = {"what": "Nometne", "place": "Rēzekne", "starts_on": starts_on, "ends_on": starts_on}
    form = a_form(starts_on=starts_on, ends_on=ends_on, activities=[activity])
    assert codes(form) == []


def test_an_activity_lies_within_the_project() -> None:
    late = {"what": "x", "place": "y", "starts_on": "2019-07-01", "ends_on": "2019-07-02"}
    assert codes(a_form(activities=[late])) == [("dates-do-not-fit", "activities.0")]


def test_numbers_and_codes_are_checked() -> None:
    assert codes(a_form(participants_at_risk=25)) == [
        ("numbers-do-not-fit", "participants_at_risk")
    ]
    assert codes(a_form(aims=["win"])) == [("unknown-aim", "aims.0")]
    assert codes(a_form(), risk_share_permille_min=500) == [
        ("risk-share-too-small", "participants_at_risk")
    ]
    assert codes(a_form(ages_from=18, ages_to=12)) == [("numbers-do-not-fit", "ages_to")]
    partner = {"name": "Biedrība", "registration_number": "40003521601"}
    assert codes(a_form(partners=[partner])) == [("invalid", "partners.0")]


def test_words_are_counted_and_nothing_is_cut() -> None:
    form = a_form(title="vārds " * 21)
    assert codes(form) == [("too-many-words", "title")]


def test_papers_the_call_asks_for_are_missed() -> None:
    rules = the_rules(ngo_attachments=["statutes"])
    found = problems(a_form(), rules, year=2018, attachments=["photo"])
    assert [p.field for p in found] == ["attachments.statutes"]
    assert problems(a_form(), rules, year=2018, attachments=["statutes"]) == []


def test_a_project_ends_before_the_programme() -> None:
    rules = the_rules()
    assert rules.programme_end == date(2022, 12, 31)
    form = a_form(starts_on="2022-11-01", ends_on="2023-05-01", activities=[])
    fields = {(p.code, p.field) for p in problems(form, rules, year=2022)}
    assert ("dates-do-not-fit", "ends_on") in fields


def test_every_move_outside_the_table_is_refused() -> None:
    for source in State:
        for to in State:
            if (source, to) in MOVES:
                check_move(source, to)
            else:
                with pytest.raises(WrongMove):
                    check_move(source, to)
    assert (State.REJECTED, State.APPROVED) not in MOVES
    assert (CallState.DECIDED, CallState.CANCELLED) not in CALL_MOVES


def test_one_project_has_one_title() -> None:
    assert title_key("  Mēs  varam ") == title_key("mēs Varam")
