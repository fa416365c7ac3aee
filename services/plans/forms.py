"""What the doors take: one line of each bulk command. Shapes only; rules are elsewhere."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Cents, Code, Day, Month, PupilRef, Semester, StaffRef
from shared.contracts.identification import RiskGroup
from shared.contracts.plans import DeliveryMode, PracticePlace, SupportType

RISKS_MAX = 4
MEASURES_MAX = 40
MONTHS_MAX = 12
CODES_MAX = 500
Text = Annotated[str, Field(min_length=3, max_length=2000)]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Channel = Annotated[str, Field(min_length=2, max_length=40)]
ConfirmationKind = Literal["signature", "email", "e_klase"]


class Form(BaseModel):
    """A body of ours: unknown fields are refused, white space at the ends goes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class RiskForm(Form):
    """A risk with the preparer's justification."""

    group: RiskGroup
    justification: Text


class MonthForm(Form):
    """Planned cents in a month."""

    month: Month
    cents: Cents


class MeasureForm(Form):
    """A measure; without an id it is new, with one it replaces the plan's measure of that id."""

    measure_id: Code | None = None
    support_type: SupportType
    delivery_mode: DeliveryMode = DeliveryMode.IN_KIND
    provider_kind: Code | None = None
    risk_groups: tuple[RiskGroup, ...] = Field(default=(), max_length=RISKS_MAX)
    justification: Text
    planned: tuple[MonthForm, ...] = Field(default=(), max_length=MONTHS_MAX)


class ContentForm(Form):
    """Dates (by default the semester's), risks and measures of a plan."""

    valid_from: Day | None = None
    valid_to: Day | None = None
    risks: tuple[RiskForm, ...] = Field(default=(), max_length=RISKS_MAX)
    measures: tuple[MeasureForm, ...] = Field(default=(), max_length=MEASURES_MAX)


class DraftForm(ContentForm):
    """A new plan for a pupil and a semester."""

    pupil_ref: PupilRef
    semester: Semester


class CorrectionForm(ContentForm):
    """Another content for a draft or a revision."""

    plan_id: Code


class PlanForm(Form):
    """A plan, and the version the person has read, if that is to be checked."""

    plan_id: Code
    plan_version: int | None = Field(default=None, ge=1)
    comment: str | None = Field(default=None, max_length=2000)


class ReturnForm(PlanForm):
    """Back to the preparer; the comment is asked for by a rule."""

    reason_code: Code = "see_comment"


class RevisionForm(PlanForm):
    """A new version of an approved plan, with its content or with a copy of what is in force."""

    reason_code: Code = "revision"
    content: ContentForm | None = None


class ReasonForm(PlanForm):
    """Something that needs a reason: a stop, a deletion."""

    reason_code: Code


class OutcomeForm(Form):
    """What became of a measure."""

    measure_id: Code
    outcome: Literal["done", "partly", "not_done"]
    reason: str | None = Field(default=None, max_length=2000)


class RiskOutcomeForm(Form):
    """What became of a risk."""

    group: RiskGroup
    outcome: Literal["reduced", "same", "worse"]


class PreparationForm(Form):
    """Minutes a preparer spent on the plan."""

    staff_ref: StaffRef
    staff_kind: Code
    minutes: int = Field(ge=1, le=6000)


class EvaluationForm(Form):
    """The end-of-semester evaluation of a plan."""

    plan_id: Code
    measures: tuple[OutcomeForm, ...] = Field(max_length=MEASURES_MAX)
    risks: tuple[RiskOutcomeForm, ...] = Field(max_length=RISKS_MAX)
    preparation: tuple[PreparationForm, ...] = Field(default=(), max_length=20)
    continues: bool
    conclusion: Text


class ContinuationForm(Form):
    """A plan carried on into a later semester; what is not given is carried over."""

    plan_id: Code
    semester: Semester | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    risks: tuple[RiskForm, ...] | None = Field(default=None, max_length=RISKS_MAX)
    measures: tuple[MeasureForm, ...] | None = Field(default=None, max_length=MEASURES_MAX)


class ConsultationForm(Form):
    """A consultation that was held; times of day are Riga's."""

    plan_id: Code
    measure_id: Code | None = None
    provider_ref: StaffRef
    provider_kind: Code
    held_on: Day
    starts_at: time
    minutes: int = Field(ge=1, le=600)
    mode: Literal["on_site", "remote"] = "on_site"
    setting: Literal["in_lesson", "after_lessons", "subject_consultation"]
    subject: Short | None = None
    channel: Channel | None = None


class ConfirmationForm(Form):
    """The pupil's confirmation of a consultation."""

    consultation_id: Code
    kind: ConfirmationKind
    confirmed_on: date


class CancellationForm(Form):
    """A consultation that was written down by mistake."""

    consultation_id: Code


class HeadOrderForm(Form):
    """An order of a head: remote support by plan, provider and channel, or a practice period."""

    school_id: Code
    kind: Literal["remote", "practice"]
    number: Short
    issued_on: Day
    valid_from: Day
    valid_to: Day
    plan_ids: tuple[Code, ...] = Field(min_length=1, max_length=CODES_MAX)
    provider_refs: tuple[StaffRef, ...] = Field(default=(), max_length=CODES_MAX)
    channels: tuple[Channel, ...] = Field(default=(), max_length=20)
    confirmation_kinds: tuple[ConfirmationKind, ...] = ()
    place: Short | None = None
    place_kind: PracticePlace | None = None


class RevocationForm(Form):
    """An order of a head that is taken back; it does not hold on that day any more."""

    order_id: Code
    revoked_on: Day
