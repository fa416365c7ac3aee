"""The doors to declared values and their contradictions, and to what is only announced."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from services.reporting import counts, declared_rows, declared_values
from services.reporting.contradictions_rules import Blocks, Claim, Rule, Status
from services.reporting.counts import Question
from services.reporting.declared_values import Contradiction
from services.reporting.domain import PERIOD, Level
from services.reporting.measures import MEASURES
from services.reporting.settings import Settings
from services.reporting.sight import (
    PARTNER_ROLES,
    READERS,
    SCHOOL_ROLES,
    answers_for,
    is_of_the_state,
    must_be_own_or_state,
    own_places,
)
from shared.auth import STATE, Role
from shared.web import Command, Query, command, query

router = APIRouter(tags=["declared values"])
DECLARERS = (Role.STATE_OFFICER, *sorted(SCHOOL_ROLES), *sorted(PARTNER_ROLES))
LEVEL = "^(state|nation|municipality|partner|school)$"
RELATED = {
    "pupils_involved": ("pupils_involved", "pupils_supported", "pupils_in_force"),
    "pupils_supported": ("pupils_supported", "pupils_involved"),
    "pupils_in_force": ("pupils_in_force", "pupils_involved"),
}


class NewValue(BaseModel):
    """A value somebody declared. A mark such as "-" is kept as printed, its value left open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str = Field(min_length=1, max_length=80)
    level: str = Field(default=STATE, pattern=LEVEL)
    place: str = Field(default=STATE, max_length=80)
    period: str | None = Field(default=None, pattern=PERIOD)
    cut: str = Field(default="", max_length=120, pattern=r"^([a-z_]+=[\w.-]+)?$")
    value: JsonValue = None
    text_mark: str | None = Field(default=None, max_length=40)
    source: str = Field(min_length=3, max_length=300)
    definition: str | None = Field(default=None, max_length=200)
    valid_from: date | None = None
    valid_to: date | None = None
    rule: Rule = Rule.BLOCK_UNTIL_DECIDED
    blocks: Blocks | None = None


class Reading(BaseModel):
    """How one declared value is to be read: as which measure, or as which value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    declared: JsonValue
    measure: str | None = None
    read_as: JsonValue = None


class NewDecision(BaseModel):
    """A decision with its reason; each reading says what a declared value means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str = Field(min_length=5, max_length=1000)
    readings: list[Reading] = Field(min_length=1, max_length=50)


class DeclaredValue(BaseModel):
    """One declared value as kept."""

    value: JsonValue
    text_mark: str | None
    source: str
    definition: str | None
    valid_from: date | None
    valid_to: date | None
    declared_by: str
    declared_at: datetime


class KeptDecision(BaseModel):
    """One decision as kept: who, when, why."""

    reason: str
    readings: list[dict[str, Any]]
    decided_by: str
    decided_at: datetime


class ContradictionShown(BaseModel):
    """A subject with all its values, what was counted beside them, and what was decided."""

    contradiction_id: str
    measure: str
    level: str
    place: str
    period: str | None
    cut: str
    rule: Rule
    blocks: Blocks
    status: Status
    values: list[DeclaredValue]
    counted: dict[str, JsonValue]
    decisions: list[KeptDecision]


class Contradictions(BaseModel):
    """Subjects with more than one value, or with one that a person must read."""

    contradictions: list[ContradictionShown]


class NewAnnouncement(BaseModel):
    """Something planned; it is shown as planned and never counted as done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    announcement_id: str = Field(pattern=r"^[A-Za-z0-9][\w.:-]{1,79}$")
    measure: str = Field(min_length=1, max_length=80)
    level: str = Field(default=STATE, pattern=LEVEL)
    place: str = Field(default=STATE, max_length=80)
    period: str | None = Field(default=None, pattern=PERIOD)
    value: JsonValue
    members: list[str] = Field(default_factory=list, max_length=1000)
    precision: str | None = Field(default=None, max_length=200)
    valid_from: date | None = None
    valid_to: date | None = None
    announced_on: date | None = None
    source: str = Field(min_length=3, max_length=300)


class Announcement(NewAnnouncement):
    """What was announced; `status` is always planned."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: str = "planned"
    announced_by: str


class Announcements(BaseModel):
    """Everything that was announced."""

    announcements: list[Announcement]


async def _shown(asked: Query, found: Contradiction) -> ContradictionShown:
    subject = found.subject
    return ContradictionShown(
        contradiction_id=subject.id,
        **vars(subject),
        status=found.status,
        values=[DeclaredValue.model_validate(v, extra="ignore") for v in found.values],
        counted=await _counted(asked, found),
        decisions=[KeptDecision.model_validate(d, extra="ignore") for d in found.decisions],
    )


async def _counted(asked: Query, found: Contradiction) -> dict[str, JsonValue]:
    """What was counted of the measures that could be meant, for who answers for the place."""
    subject = found.subject
    if subject.measure not in MEASURES or subject.period is None or subject.level == STATE:
        return {}
    if not await answers_for(asked.session, asked.person, subject.level, subject.place):
        return {}
    settings = asked.session.info["settings"]
    assert isinstance(settings, Settings)
    level = Level(subject.level)
    use = counts.local_value if level is not Level.NATION and settings.level.counts else None
    use = use or counts.national_value
    counted: dict[str, JsonValue] = {}
    for measure in _measures(subject.measure, found.claims):
        as_of = asked.today if measure == "pupils_in_force" else None
        if measure == "pupils_in_force" and use is counts.national_value:
            continue
        ask = Question(level, subject.place, subject.period, measure, subject.cut, as_of)
        counted[measure] = await use(asked.session, ask)
    return counted


def _measures(measure: str, claims: Sequence[Claim]) -> list[str]:
    named = [claim.definition for claim in claims if claim.definition in MEASURES]
    return list(dict.fromkeys([*RELATED.get(measure, (measure,)), *map(str, named)]))


@router.post("/declared-values")
async def declare_value(new: NewValue, order: Annotated[Command, command(*DECLARERS)]) -> Response:
    """Keep a declared value; the answer says where its subject stands now."""
    await must_be_own_or_state(order.session, order.person, new.level, new.place)
    subject = declared_values.subject_of(
        measure=new.measure,
        level=new.level,
        place=new.place,
        period=new.period,
        cut=new.cut,
        rule=new.rule,
        text_mark=new.text_mark,
        blocks=new.blocks,
    )
    claim = Claim(
        new.value, new.text_mark, new.source, new.definition, new.valid_from, new.valid_to
    )
    found = await declared_values.declare(
        order.session, subject, claim, by=order.person, now=order.now
    )
    return await order.answer(await _shown(order, found), 201)


@router.get("/contradictions")
async def list_contradictions(
    asked: Annotated[Query, query(*READERS)], status: Status | None = None
) -> Contradictions:
    """What was declared about places the person has rights on; of all places for the state."""
    mine = own_places(asked.person)
    everything = is_of_the_state(asked.person)
    found = [
        await _shown(asked, one)
        for one in (await declared_values.contradictions(asked.session)).values()
        if (everything or one.subject.place in mine) and status in (None, one.status)
    ]
    return Contradictions(contradictions=found)


@router.get("/contradictions/{contradiction_id}")
async def get_contradiction(
    contradiction_id: str, asked: Annotated[Query, query(*READERS)]
) -> ContradictionShown:
    """All values with their sources, the counted ones beside, and the decisions."""
    found = await declared_values.one(asked.session, contradiction_id)
    if not is_of_the_state(asked.person):
        await must_be_own_or_state(
            asked.session, asked.person, found.subject.level, found.subject.place
        )
    return await _shown(asked, found)


@router.post("/contradictions/{contradiction_id}/decision")
async def decide_contradiction(
    contradiction_id: str,
    new: NewDecision,
    order: Annotated[Command, command(Role.STATE_OFFICER)],
) -> Response:
    """Decide what the values mean, with a reason; all values and earlier decisions stay."""
    order.person.must({Role.STATE_OFFICER}, STATE)
    found = await declared_values.decide(
        order.session,
        contradiction_id,
        reason=new.reason,
        readings=[reading.model_dump(mode="json") for reading in new.readings],
        by=order.person,
        now=order.now,
    )
    return await order.answer(await _shown(order, found))


@router.post("/announcements")
async def announce(
    new: NewAnnouncement, order: Annotated[Command, command(*DECLARERS)]
) -> Response:
    """Keep something planned; announced again under its id, the newer text stays."""
    await must_be_own_or_state(order.session, order.person, new.level, new.place)
    row = new.model_dump() | {"announced_by": order.person.subject, "announced_at": order.now}
    await declared_rows.keep_announcement(order.session, row)
    return await order.answer(Announcement.model_validate(row), 201)


@router.get("/announcements")
async def list_announcements(
    asked: Annotated[Query, query()], place: str | None = None, measure: str | None = None
) -> Announcements:
    """Everything planned, by place and measure if given; public, for nobody is in it."""
    rows = await declared_rows.announcements(asked.session)
    return Announcements(
        announcements=[
            Announcement.model_validate(row)
            for row in rows
            if place in (None, row["place"]) and measure in (None, row["measure"])
        ]
    )
