"""Facts and bodies a story about money is told with: approvals, suspensions, claims, papers."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.payments.payees.iban import with_check_digits
from shared.contracts.identification import ParameterSet, SchoolRegistered
from shared.contracts.ngo_grants import InstalmentDue
from shared.contracts.plans import (
    ConsultationConfirmed,
    PlanApproved,
    PlanClosed,
    PlanDeletionRequested,
    PlannedMeasure,
    PlannedMonth,
    PlanStepApproved,
    PlanSuspended,
    PracticeEnded,
    PracticeOrdered,
    PreparationEarned,
)
from shared.contracts.school_days import PupilDaysMarked, SemesterDefined

OFFICE = "90000048152"
OTHER_OFFICE = "90000054572"
SCHOOL = "sigulda-spvsk"
OTHER_SCHOOL = "preili-1psk"
TEACHER, OFFICER, STRANGER, STATE_OFFICER = "a.teacher", "an.officer", "a.stranger", "state.officer"
OTHER_STATE_OFFICER = "another.state.officer"
LATER = "2021-11-15T10:00:00+02:00"
COUNTER = itertools.count(1)

Planned = Mapping[str, tuple[str, Mapping[str, int]]]
"""By measure: its support type, and planned cents by month."""


def pupil(number: int | None = None) -> str:
    """A pupil nobody else in the tests has, or the one of a number."""
    return f"p1:{number or next(COUNTER) + 10_000:032x}"


def account(number: int) -> str:
    """A valid Latvian account of a number."""
    return with_check_digits("LV", f"HABA{number:013d}")


def _about(pupil_ref: str, plan_id: str, *, version: int, plan_version: int) -> dict[str, Any]:
    """What all facts about a plan of the tests say."""
    return {
        "plan_id": plan_id,
        "plan_code": plan_id.upper(),
        "plan_version": plan_version,
        "version": version,
        "pupil_ref": pupil_ref,
        "partner": OFFICE,
        "school_id": SCHOOL,
        "municipality_id": OFFICE,
        "semester": "2021-1",
    }


def an_approval(
    pupil_ref: str,
    plan_id: str,
    planned: Planned,
    *,
    plan_version: int = 1,
    version: int | None = None,
    valid: tuple[str, str] = ("2021-09-01", "2021-12-21"),
    approved_on: str = "2021-09-01",
    **more: Any,
) -> PlanApproved:
    """The fact that a version of a plan was approved."""
    about = _about(pupil_ref, plan_id, version=version or plan_version, plan_version=plan_version)
    values = {
        **about,
        "valid_from": date.fromisoformat(valid[0]),
        "valid_to": date.fromisoformat(valid[1]),
        "programme": "general",
        "grade": 5,
        "sex": "unknown",
        "risk_groups": ("R1",),
        "preparer_ref": "s1:" + "0" * 32,
        "preparer_kind": "teacher",
        "preparer_school_id": SCHOOL,
        "measures": tuple(_measure(name, *kind) for name, kind in planned.items()),
        "preparation_cents_max": 6_000,
        "follows_plan_id": None,
        "approved_on": date.fromisoformat(approved_on),
    }
    return PlanApproved(**{**values, **more})


def _measure(measure_id: str, support_type: str, months: Mapping[str, int]) -> PlannedMeasure:
    """A measure with its planned months."""
    return PlannedMeasure(
        measure_id=measure_id,
        support_type=support_type,
        delivery_mode="compensated",
        provider_kind=None,
        planned=tuple(PlannedMonth(month=m, cents=c) for m, c in months.items()),
    )


def a_step_approved(
    pupil_ref: str, plan_id: str, *, step: str, approver: str, plan_version: int = 1
) -> PlanStepApproved:
    """The fact that one level approved a version of a plan."""
    about = _about(pupil_ref, plan_id, version=plan_version, plan_version=plan_version)
    return PlanStepApproved(**about, step=step, approver=approver)


def a_suspension(pupil_ref: str, plan_id: str, *, on: str, version: int = 2) -> PlanSuspended:
    """The fact that a plan was suspended."""
    about = _about(pupil_ref, plan_id, version=version, plan_version=1)
    return PlanSuspended(**about, reason_code="ill", suspended_on=date.fromisoformat(on))


def a_closing(pupil_ref: str, plan_id: str, *, on: str, version: int = 2) -> PlanClosed:
    """The fact that a plan was evaluated and closed."""
    about = _about(pupil_ref, plan_id, version=version, plan_version=1)
    return PlanClosed(
        **about,
        closed_on=date.fromisoformat(on),
        measures_done=1,
        measures_partly=0,
        measures_not_done=0,
        risks_reduced=1,
        risks_same=0,
        risks_worse=0,
        continues=False,
    )


def a_deletion(pupil_ref: str, plan_id: str, *, version: int = 2) -> PlanDeletionRequested:
    """The fact that somebody wants a plan deleted."""
    about = _about(pupil_ref, plan_id, version=version, plan_version=1)
    return PlanDeletionRequested(**about, reason_code="by-mistake")


def a_consultation(
    pupil_ref: str, plan_id: str, consultation_id: str, *, on: str, measure_id: str
) -> ConsultationConfirmed:
    """The fact that a consultation was confirmed."""
    return ConsultationConfirmed(
        **_about(pupil_ref, plan_id, version=1, plan_version=1),
        consultation_id=consultation_id,
        measure_id=measure_id,
        provider_ref="s1:" + "1" * 32,
        provider_kind="teacher",
        held_on=date.fromisoformat(on),
        minutes=60,
        mode="on_site",
    )


def hours_of_preparation(pupil_ref: str, plan_id: str, minutes: int) -> PreparationEarned:
    """The fact that hours of preparation were released."""
    return PreparationEarned(
        **_about(pupil_ref, plan_id, version=9, plan_version=1),
        preparer_ref="s1:" + "0" * 32,
        preparer_kind="teacher",
        minutes=minutes,
        earned_on=date(2021, 10, 20),
    )


def a_school(school_id: str, partner: str) -> SchoolRegistered:
    """A school of the register."""
    return SchoolRegistered(
        register_key=f"school:{school_id}",
        version=1,
        school_id=school_id,
        name_lv="Siguldas pilsētas vidusskola",
        name_en="Sigulda Town Secondary School",
        school_kind="secondary_school",
        institution_type="general",
        partner=partner,
        municipality_id=OFFICE,
        state_vocational=False,
        status="involved",
        valid_from=date(2017, 9, 1),
        valid_to=None,
    )


def a_claim(plan_id: str, measure_id: str, cents: int, **more: Any) -> dict[str, Any]:
    """A claim for October 2021 with an invoice nobody else has."""
    claim = {
        "plan_id": plan_id,
        "measure_id": measure_id,
        "month": "2021-10",
        "cents": cents,
        "payee_id": "mother",
        "evidence": an_invoice(),
    }
    return claim | more


def an_invoice(number: str | None = None) -> dict[str, Any]:
    """An invoice of a caterer."""
    return {
        "kind": "invoice",
        "issuer": "40003521600",
        "number": number or f"INV-{next(COUNTER)}",
        "date": "2021-10-31",
    }


def a_ticket(number: str | None = None) -> dict[str, Any]:
    """A bus ticket from home to school."""
    paper = an_invoice(number) | {"kind": "ticket", "date": "2021-10-04"}
    return paper | {"from": "Mālpils", "to": "Sigulda"}


def a_calendar(
    semester: str, first: str, last: str, *, breaks: Sequence[tuple[str, str]] = (), **more: Any
) -> SemesterDefined:
    """A semester of the calendar, of the country unless a place is given."""
    place = more.get("school_id") or more.get("municipality_id") or ""
    return SemesterDefined(
        register_key=f"semester:{semester}:{place}",
        version=1,
        semester=semester,
        first_day=first,
        last_day=last,
        breaks=breaks,
        source="test",
        **{"school_id": None, **more},
    )


def days_marked(pupil_ref: str, *days: str, presence: str = "absent", version: int = 2) -> Any:
    """The fact that a pupil was away on days, or was there after all."""
    return PupilDaysMarked(
        pupil_ref=pupil_ref,
        partner=OFFICE,
        school_id=SCHOOL,
        municipality_id=OFFICE,
        version=version,
        days=tuple({"day": day, "presence": presence} for day in days),
    )


def practice_ordered(pupil_ref: str, plan_id: str, first: str, last: str) -> PracticeOrdered:
    """The fact that a head ordered a practice period."""
    about = _about(pupil_ref, plan_id, version=5, plan_version=1)
    return PracticeOrdered(
        **about, order_id=f"order-{plan_id}", first_day=first, last_day=last, place_kind="other"
    )


def practice_ended(pupil_ref: str, plan_id: str, on: str) -> PracticeEnded:
    """The fact that the order was taken back."""
    about = _about(pupil_ref, plan_id, version=6, plan_version=1)
    return PracticeEnded(**about, order_id=f"order-{plan_id}", ended_on=on)


def the_project_ends(day: str) -> ParameterSet:
    """The fact that the project's approved end is a day."""
    return ParameterSet(
        register_key="parameter:project_end:state:2017-03-01",
        version=1,
        name="project_end",
        place="state",
        value=day,
        valid_from=date(2017, 3, 1),
        valid_to=None,
        source="test",
        approved_by="somebody",
    )


def an_instalment(project_id: str, number: int, cents: int, **more: Any) -> InstalmentDue:
    """The fact that a part of a grant is due."""
    values = {
        "project_key": project_id,
        "call_id": "call-1",
        "partner": OFFICE,
        "municipality_id": OFFICE,
        "version": number,
        "project_id": project_id,
        "instalment_no": number,
        "payee_ref": "40008000000",
        "cents": cents,
        "due_on": date(2021, 10, 1),
    }
    return InstalmentDue(**values | more)
