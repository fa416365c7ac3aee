"""Why a day cannot be paid: each reason with its sentence in Latvian and English. Pure."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import JsonValue

from shared.school_days import DayKind

LISTED_MAX = 10


class Why(StrEnum):
    """Why a day cannot be paid."""

    WEEKEND = DayKind.WEEKEND.value
    DAY_OFF = DayKind.DAY_OFF.value
    BREAK = DayKind.BREAK.value
    OUTSIDE = DayKind.OUTSIDE.value
    UNKNOWN = "calendar_unknown"
    ABSENT = "absent"
    SUSPENDED = "plan_suspended"
    NOT_IN_FORCE = "plan_not_in_force"
    NOT_PLANNED = "measure_not_in_plan"
    FUTURE = "in_future"
    PROJECT_ENDED = "project_ended"
    TAKEN = "already_claimed"


SENTENCES: Mapping[Why, tuple[str, str]] = {
    Why.WEEKEND: ("nedēļas nogale", "a weekend"),
    Why.DAY_OFF: ("svētku vai brīvdiena", "a public holiday or day off"),
    Why.BREAK: ("skolēnu brīvdienas", "a school break"),
    Why.OUTSIDE: ("ārpus semestra", "outside the semester"),
    Why.UNKNOWN: ("skolas kalendārs nav zināms", "no calendar of the school is known"),
    Why.ABSENT: ("skolēns nebija skolā", "the pupil was marked absent"),
    Why.SUSPENDED: ("plāns bija apturēts", "the plan was suspended"),
    Why.NOT_IN_FORCE: ("plāns nebija spēkā", "the plan was not in force"),
    Why.NOT_PLANNED: ("plānā nebija šāda pasākuma", "the plan did not hold this measure"),
    Why.FUTURE: ("diena vēl nav pienākusi", "the day is still to come"),
    Why.PROJECT_ENDED: ("projekts bija beidzies", "the project had ended"),
    Why.TAKEN: ("šī diena jau ir pieteikta", "this day has been claimed before"),
}


def details_of(refused: Mapping[date, Why]) -> dict[str, JsonValue]:
    """Refused days as data, and as one list in each language."""
    days: list[JsonValue] = [
        {
            "day": day.isoformat(),
            "code": why.value,
            "message_lv": SENTENCES[why][0],
            "message_en": SENTENCES[why][1],
        }
        for day, why in sorted(refused.items())
    ]
    return {
        "days": days,
        "listed_lv": _listed(refused, 0, "un vēl {more}"),
        "listed_en": _listed(refused, 1, "and {more} more"),
    }


def _listed(refused: Mapping[date, Why], language: int, rest: str) -> str:
    """The first refused days with their reasons, and how many more there are."""
    named = [
        f"{day.isoformat()} ({SENTENCES[why][language]})"
        for day, why in sorted(refused.items())[:LISTED_MAX]
    ]
    more = len(refused) - len(named)
    return ", ".join([*named, rest.format(more=more)] if more else named)
