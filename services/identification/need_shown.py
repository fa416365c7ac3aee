"""The shape of the list "who needs me"."""

from pydantic import BaseModel, ConfigDict

from services.identification.need_rules import Step
from services.identification.pupil_shown import SignalShown


class NeedShown(BaseModel):
    """A pupil on the list: why, what is next, and whether that is for the person who asks."""

    model_config = ConfigDict(from_attributes=True)

    pupil_ref: str
    school_id: str
    programme: str
    grade: int
    semester: str
    step: Step
    for_me: bool
    risk_id: str | None
    risk_groups: tuple[str, ...]
    is_signed: bool
    plan_id: str | None
    plan_state: str | None
    signals: tuple[SignalShown, ...]


class Needs(BaseModel):
    """A page of the list; `next` is the `after` of the next page."""

    semester: str
    pupils: list[NeedShown]
    next: str | None
