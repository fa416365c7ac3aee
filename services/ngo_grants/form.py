"""The application form: typed fields, and what is missing or wrong in them before it can be filed.

The grant is fixed by the call and is no field of the form. Source: published rules of the calls
for fields, duration and start; word limits and the attachments asked for are parameters.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field

from services.ngo_grants.domain import add_months
from services.ngo_grants.rules import PERMILLE, Rules
from services.ngo_grants.vocabulary import AIMS
from shared.contracts.base import Day
from shared.errors import Invalid, Refused
from shared.registration_number import is_registration_number


class Incomplete(Refused):
    """The application lacks something; `problems` says what."""

    code = "application-incomplete"


class Missing(Invalid):
    """This must be filled in before the application can be filed."""

    code = "missing"


class DurationOutOfRange(Invalid):
    """The project is shorter or longer than the call allows."""

    code = "duration-out-of-range"


class StartsOutsideYear(Invalid):
    """The project starts in the year of the call."""

    code = "starts-outside-call-year"


class DatesDoNotFit(Invalid):
    """An end lies before its start, or an activity outside the project."""

    code = "dates-do-not-fit"


class RiskShareTooSmall(Invalid):
    """Too few of the participants are young people at risk."""

    code = "risk-share-too-small"


class NumbersDoNotFit(Invalid):
    """These numbers contradict each other."""

    code = "numbers-do-not-fit"


class TooManyWords(Invalid):
    """The text is longer than the call allows; nothing is cut off."""

    code = "too-many-words"


class UnknownAim(Invalid):
    """The aim is not in the code list ngo_aim."""

    code = "unknown-aim"


class Activity(BaseModel):
    """One thing the project does: what, where, from when to when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str = Field(min_length=1, max_length=500)
    place: str = Field(min_length=1, max_length=200)
    starts_on: Day
    ends_on: Day


class YouthRole(BaseModel):
    """How young people had the idea, plan the project and run it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    idea: str = Field(default="", max_length=10_000)
    planning: str = Field(default="", max_length=10_000)
    running: str = Field(default="", max_length=10_000)


class Partner(BaseModel):
    """An organisation that joins the project."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    registration_number: str | None = None


class Form(BaseModel):
    """What an applicant fills in; a draft may lack anything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="", max_length=300)
    aims: tuple[str, ...] = Field(default=(), max_length=20)
    activities: tuple[Activity, ...] = Field(default=(), max_length=60)
    participants_total: int | None = Field(default=None, ge=1, le=10_000)
    participants_at_risk: int | None = Field(default=None, ge=0, le=10_000)
    ages_from: int | None = Field(default=None, ge=6, le=30)
    ages_to: int | None = Field(default=None, ge=6, le=30)
    grades_from: int | None = Field(default=None, ge=1, le=12)
    grades_to: int | None = Field(default=None, ge=1, le=12)
    youth_role: YouthRole = YouthRole()
    plan_link: str = Field(default="", max_length=10_000)
    partners: tuple[Partner, ...] = Field(default=(), max_length=30)
    expected_results: str = Field(default="", max_length=20_000)
    publicity: str = Field(default="", max_length=10_000)
    starts_on: Day | None = None
    ends_on: Day | None = None


def problems(
    form: Form, rules: Rules, *, year: int, attachments: Iterable[str] = ()
) -> list[Invalid]:
    """Everything that stands against filing, missing things first; empty when it can be filed."""
    return [
        *_missing(form, rules, frozenset(attachments)),
        *_dates(form, rules, year),
        *_numbers(form, rules),
        *_texts(form, rules),
        *_codes(form),
    ]


def check_complete(found: Sequence[Invalid]) -> None:
    """Refuse an application with problems: the whole list when something is missing."""
    if not found:
        return
    if isinstance(found[0], Missing):
        listed = [{"code": p.code, "field": p.field, "message": p.sentence} for p in found]
        raise Incomplete(field=found[0].field, problems=listed)
    raise found[0]


_REQUIRED = (
    "title",
    "aims",
    "activities",
    "participants_total",
    "participants_at_risk",
    "plan_link",
    "expected_results",
    "publicity",
    "starts_on",
    "ends_on",
)


def _missing(form: Form, rules: Rules, attachments: frozenset[str]) -> list[Invalid]:
    """Fields and papers that are not there."""
    found: list[Invalid] = [
        Missing(field=name) for name in _REQUIRED if _is_empty(getattr(form, name))
    ]
    found += [
        Missing(field=f"youth_role.{name}")
        for name in ("idea", "planning", "running")
        if _is_empty(getattr(form.youth_role, name))
    ]
    lacking = [kind for kind in rules.attachments if kind not in attachments]
    return found + [Missing(field=f"attachments.{kind}") for kind in lacking]


def _is_empty(value: object) -> bool:
    """Nothing, an empty list, or text of spaces; zero is an answer."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def _dates(form: Form, rules: Rules, year: int) -> list[Invalid]:
    """Duration, year of the start, programme end, and activities within the project."""
    starts_on, ends_on = form.starts_on, form.ends_on
    if starts_on is None or ends_on is None:
        return []
    found: list[Invalid] = []
    if not _lasts(starts_on, ends_on, rules):
        months = {"min": rules.months_min, "max": rules.months_max}
        found.append(DurationOutOfRange(field="ends_on", months=dict(months)))
    if starts_on.year != year:
        found.append(StartsOutsideYear(field="starts_on", year=year))
    if rules.programme_end is not None and ends_on > rules.programme_end:
        found.append(DatesDoNotFit("The project ends after the programme.", field="ends_on"))
    found += [
        DatesDoNotFit(field=f"activities.{n}")
        for n, activity in enumerate(form.activities)
        if any(
            b < a for a, b in pairwise((starts_on, activity.starts_on, activity.ends_on, ends_on))
        )
    ]
    return found


def _lasts(starts_on: date, ends_on: date, rules: Rules) -> bool:
    """Whether the project lasts long enough and not too long; both days belong to it."""
    over = ends_on + timedelta(days=1)
    return (
        add_months(starts_on, rules.months_min) <= over <= add_months(starts_on, rules.months_max)
    )


def _numbers(form: Form, rules: Rules) -> list[Invalid]:
    """Participants, ages and grades."""
    found: list[Invalid] = []
    total, at_risk = form.participants_total, form.participants_at_risk
    if total is not None and at_risk is not None:
        if at_risk > total:
            found.append(NumbersDoNotFit(field="participants_at_risk"))
        elif at_risk * PERMILLE < total * rules.risk_share_permille_min:
            found.append(
                RiskShareTooSmall(
                    field="participants_at_risk", permille_min=rules.risk_share_permille_min
                )
            )
    for name in ("ages", "grades"):
        first, last = getattr(form, f"{name}_from"), getattr(form, f"{name}_to")
        if first is not None and last is not None and first > last:
            found.append(NumbersDoNotFit(field=f"{name}_to"))
    return found


def _texts(form: Form, rules: Rules) -> list[Invalid]:
    """Texts within the words the call allows."""
    texts = {
        "title": form.title,
        "plan_link": form.plan_link,
        "expected_results": form.expected_results,
        "publicity": form.publicity,
        "youth_role.idea": form.youth_role.idea,
        "youth_role.planning": form.youth_role.planning,
        "youth_role.running": form.youth_role.running,
    }
    counted = {name: len(text.split()) for name, text in texts.items()}
    return [
        TooManyWords(field=name, words=count, words_max=rules.words_max[name])
        for name, count in counted.items()
        if count > rules.words_max.get(name, count)
    ]


def _codes(form: Form) -> list[Invalid]:
    """Aims from the code list, partners with right numbers."""
    known = {entry.code for entry in AIMS}
    found: list[Invalid] = [
        UnknownAim(field=f"aims.{n}", aim=aim[:80])
        for n, aim in enumerate(form.aims)
        if aim not in known
    ]
    return found + [
        Invalid("The partner's registration number is wrong.", field=f"partners.{n}")
        for n, partner in enumerate(form.partners)
        if partner.registration_number is not None
        and not is_registration_number(partner.registration_number)
    ]
