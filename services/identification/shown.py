"""The shapes of places, staff and grants as the doors show them."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, JsonValue


class Shown(BaseModel):
    """Something shown: made of a row, what the shape does not name is left out."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class CodeShown(Shown):
    """A territory code with its validity."""

    code: str
    valid_from: date | None
    valid_to: date | None


class MunicipalityShown(Shown):
    """A municipality; `code` is the territory code in force on the day asked for."""

    municipality_id: str
    name_lv: str
    name_en: str
    codes: list[CodeShown]
    code: str | None
    successor_id: str | None
    valid_from: date | None
    valid_to: date | None
    partner_since: date | None


class Municipalities(BaseModel):
    """Municipalities by id."""

    municipalities: list[MunicipalityShown]


class SchoolShown(Shown):
    """A school."""

    school_id: str
    name_lv: str
    name_en: str
    school_kind: str
    institution_type: str
    partner: str
    municipality_id: str
    state_vocational: bool
    status: str
    valid_from: date
    valid_to: date | None


class Schools(BaseModel):
    """Schools by id."""

    schools: list[SchoolShown]


class GradeDaysShown(Shown):
    """Dates of a grade or course that differ from the semester's."""

    programme: str
    grade: int
    first_day: date | None
    last_day: date | None
    breaks: list[tuple[date, date]]


class SemesterShown(Shown):
    """A semester of the country, a municipality's or a school's own."""

    semester: str
    school_id: str | None
    municipality_id: str | None
    first_day: date
    last_day: date
    breaks: list[tuple[date, date]]
    days_off: list[date]
    extra_days: list[date]
    grades: list[GradeDaysShown]


class Semesters(BaseModel):
    """The calendar, the country's entries first."""

    semesters: list[SemesterShown]


class StaffShown(Shown):
    """A member of staff by reference."""

    staff_ref: str
    kind: str
    school_ids: list[str]
    subject: str | None


class StaffList(BaseModel):
    """Members of staff of a school."""

    staff: list[StaffShown]


class GrantShown(Shown):
    """A grant; one that waits names the missing links as kind:id."""

    grant_id: str
    version: int
    subject: str
    role: str
    organisation: str
    staff_ref: str | None
    staff_kind: str | None
    valid_from: date
    valid_to: date | None
    state: str
    waits_for: list[str]
    revoked_on: date | None
    reason_code: str | None
    entered_by: str
    entered_at: datetime


class Grants(BaseModel):
    """A page of grants; `next` is the `after` of the next page."""

    grants: list[GrantShown]
    next: str | None


class Me(BaseModel):
    """Who asks, what they may do today, and which of their grants wait for what."""

    subject: str
    grants: list[dict[str, JsonValue]]
    waiting: list[GrantShown]


class NamesShown(BaseModel):
    """Names by reference; `closed` are references that have no name for the person who asks."""

    names: dict[str, str]
    closed: list[str]
