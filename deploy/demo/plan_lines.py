"""What a plan says: risks, measures, and the most that each may cost in a month."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from deploy.demo.scenario import (
    ONCE,
    Attendance,
    Stay,
    consultations_planned_a_month,
    price_cents,
)

CONSULTATION = "consultation"
MEAL_DAYS_MAX = 23
IN_KIND = frozenset({"accommodation", "learning_materials", "meals"})
"""Paid to who provides it; the others are given back to the family."""
FACTORS = {"R1": "learning_difficulties", "R3": "lack_of_means"}


def months(stay: Stay) -> tuple[str, ...]:
    """The calendar months in which a stay delivers support."""
    found = []
    day = stay.support_from
    while day <= stay.last_day:
        found.append(day.isoformat()[:7])
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return tuple(found)


def probe_months(at_school: Attendance, number: int) -> tuple[str, ...]:
    """Months of a pupil that are kept free to try out the ceiling."""
    probe = at_school.place.cap_probe
    if probe is None or probe["pupil"] != number or probe["month"] not in months(at_school.stay):
        return ()
    return (probe["month"],)


def risk_groups(at_school: Attendance, number: int) -> list[str]:
    """Learning risks lead to consultations, economic ones to compensations."""
    support = set(at_school.place.supports(at_school.semester, number)) or {CONSULTATION}
    needs_means = support - {CONSULTATION} or probe_months(at_school, number)
    return [*(["R1"] if CONSULTATION in support else []), *(["R3"] if needs_means else [])]


def content(at_school: Attendance, number: int) -> dict[str, Any]:
    """Risks and measures of a pupil's plan; who gets nothing has consultations planned."""
    groups = risk_groups(at_school, number)
    support = at_school.place.supports(at_school.semester, number) or (CONSULTATION,)
    return {
        "risks": [{"group": g, "justification": f"seen in the first week: {g}"} for g in groups],
        "measures": [
            *(_measure(at_school, number, kind, groups) for kind in support),
            *_probe_measures(at_school, number),
        ],
    }


def _measure(
    at_school: Attendance, number: int, kind: str, groups: Sequence[str]
) -> dict[str, Any]:
    kept_free = probe_months(at_school, number)
    wanted = [month for month in months(at_school.stay) if month not in kept_free]
    provider = None
    if kind == CONSULTATION:
        gets = at_school.place.gets(at_school.semester, number, kind)
        who = at_school.consultant(number) if gets else at_school.consultants[0]
        provider = at_school.place.staff_kind(who)
    return {
        "support_type": kind,
        "delivery_mode": "in_kind" if kind in IN_KIND or provider else "compensated",
        "provider_kind": provider,
        "risk_groups": ["R1"] if kind == CONSULTATION else groups[-1:],
        "justification": f"{kind} reduces the risk",
        "planned": [
            {"month": month, "cents": month_cents(kind)}
            for month in (wanted[:1] if kind in ONCE else wanted)
        ],
    }


def month_cents(kind: str) -> int:
    """The most a plan foresees of a support type in a month."""
    if kind == "meals":
        return MEAL_DAYS_MAX * price_cents(kind)
    if kind == CONSULTATION:
        return consultations_planned_a_month() * price_cents(kind)
    return price_cents(kind)


def _probe_measures(at_school: Attendance, number: int) -> list[dict[str, Any]]:
    """Measures that use a month's ceiling to the cent, and one more."""
    probe = at_school.place.cap_probe
    if probe is None or not probe_months(at_school, number):
        return []
    return [
        {
            "support_type": step["support_type"],
            "delivery_mode": "compensated",
            "risk_groups": ["R3"],
            "justification": "to try out the monthly ceiling",
            "planned": [
                {"month": probe["month"], "cents": step["cents"] if step["accepted"] else 0}
            ],
        }
        for step in probe["steps"]
    ]
