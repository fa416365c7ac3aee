"""Contents from what people sent: dates by default, ids of measures, preparation by its rates."""

from collections.abc import Collection, Sequence
from datetime import date

from services.plans.actions import Work
from services.plans.content import (
    Content,
    Measure,
    Risk,
    check_content,
    numbered,
    preparation,
)
from services.plans.drafting_rules import check_known
from services.plans.forms import MeasureForm, RiskForm
from services.plans.rulebook import SchoolFacts


def written(
    work: Work,
    *,
    plan_id: str,
    version: int,
    semester: str,
    school: SchoolFacts,
    dates: tuple[date | None, date | None],
    risks: Sequence[Risk],
    measures: Sequence[Measure],
    named: Collection[str],
    known: Collection[str] = (),
    reason_code: str | None = None,
    comment: str | None = None,
) -> Content:
    """A checked content; `known` are ids of measures that the plan has used so far.

    Dates that are not given are the semester's. Rates are those of the plan's first day (P-7).
    """
    check_known(measures, known)
    opens, closes = work.rules.dates(semester, school.school_id)
    first, last = dates[0] or opens, dates[1] or closes
    work.rules.check_dates(semester, school, first, last)
    minutes_max, cents_max = preparation_of(work, school, first)
    content = Content(
        plan_id=plan_id,
        version=version,
        valid_from=first,
        valid_to=last,
        risks=tuple(risks),
        measures=numbered(plan_id, measures, known=known),
        preparation_minutes_max=minutes_max,
        preparation_cents_max=cents_max,
        written_by=work.by.subject,
        reason_code=reason_code,
        comment=comment,
    )
    check(work, content, school=school, named=named)
    return content


def check(work: Work, content: Content, *, school: SchoolFacts, named: Collection[str]) -> None:
    """Refuse a content that breaks a rule in force on its first day."""
    day = content.valid_from
    check_content(
        content,
        named=named,
        asked=work.rules.value("plan_content", day, *school.places),
        needs_risk=bool(work.rules.value("support_needs_risk", day, *school.places)),
    )


def preparation_of(work: Work, school: SchoolFacts, day: date) -> tuple[int, int]:
    """Minutes and cents of preparation at most, by the rates of a day."""
    return preparation(
        int(work.rules.value("preparation_hours_max", day, *school.places)),
        int(work.rules.value("preparation_hour_cents", day, *school.places)),
    )


def risks_from(forms: Sequence[RiskForm]) -> tuple[Risk, ...]:
    """Risks as they were sent, by group."""
    return tuple(
        sorted((Risk(f.group.value, f.justification) for f in forms), key=lambda r: r.group)
    )


def measures_from(forms: Sequence[MeasureForm]) -> list[Measure]:
    """Measures as they were sent; new ones have an empty id."""
    return [
        Measure(
            measure_id=form.measure_id or "",
            support_type=form.support_type.value,
            delivery_mode=form.delivery_mode.value,
            provider_kind=form.provider_kind,
            risk_groups=tuple(group.value for group in form.risk_groups),
            justification=form.justification,
            planned=tuple((planned.month, planned.cents) for planned in form.planned),
        )
        for form in forms
    ]
