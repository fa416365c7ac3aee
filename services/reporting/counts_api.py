"""The doors to counts: exact values for who has rights, and the way from a cell to its facts."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel, JsonValue

from services.reporting import counts, explaining, national_rows
from services.reporting.counts import Question
from services.reporting.domain import PERIOD, SMALL_GROUP_MIN, Level, Mark, cut_of
from services.reporting.measures import AS_OF_ONLY, MEASURES, STAFF_MEASURES, Unit
from services.reporting.settings import Settings
from services.reporting.sight import READERS, Sight, sight_of
from services.reporting.staffing import pedagogue_kinds
from shared.auth import STATE
from shared.errors import Invalid, NotFound
from shared.web import Query, query

router = APIRouter(tags=["counts"])


class UnknownMeasure(NotFound):
    """There is no such measure."""

    code = "unknown-measure"


class NotOfThisLevel(NotFound):
    """This process does not run the level of reporting that could answer."""

    code = "not-of-this-level"


class OneCut(Invalid):
    """Counts are cut in one way at a time."""

    code = "one-cut"


class Cut(BaseModel):
    """How a count is cut; one of these at most."""

    support_type: str | None = None
    programme: str | None = None
    grade: int | None = None
    sex: str | None = None
    risk_group: str | None = None
    provider_kind: str | None = None

    def text(self) -> str:
        """The cut as cells name it."""
        pairs = {name: str(value) for name, value in self if value is not None}
        if len(pairs) > 1:
            raise OneCut(given=sorted(pairs))
        return cut_of(**pairs)


class Count(BaseModel):
    """One count. `value` is a number, a range (`from`, `to`), or nothing where it is hidden."""

    level: Level
    place: str
    period: str
    measure: str
    cut: str
    as_of: date | None
    mark: Mark
    value: JsonValue
    counted_by: str
    label_lv: str
    label_en: str
    notes: dict[str, JsonValue]


class Parts(BaseModel):
    """What a cell is made of, as far as the asker may see it."""

    count: Count
    definition: str
    parts: list[dict[str, JsonValue]]
    facts: dict[str, int] | None
    plan_ids: list[str] | None
    counted_through: list[dict[str, Any]]


async def _count(asked: Query, ask: Question) -> Count:
    """The answer to one question, as exactly as the person may see it."""
    known = MEASURES.get(ask.measure)
    if known is None:
        raise UnknownMeasure(measure=ask.measure, known=list(MEASURES))
    sight = await sight_of(asked.session, asked.person, ask.level, ask.place)
    value, by = await _read(asked, ask, sight)
    mark = Mark.ZERO if value == 0 else Mark.VALUE
    small = isinstance(value, int) and 0 < value < SMALL_GROUP_MIN
    persons = known.unit in (Unit.PUPILS, Unit.PERSONS, Unit.PLANS)
    if sight is Sight.NATIONAL and ask.level is not Level.NATION and small and persons:
        mark, value = Mark.HIDDEN, None
    notes: dict[str, JsonValue] = {}
    if ask.measure in STAFF_MEASURES:
        notes["pedagogue_kinds"] = list(await pedagogue_kinds(asked.session, ask.period))
    return Count(
        **vars(ask),
        mark=mark,
        value=value,
        counted_by=by,
        label_lv=known.label_lv,
        label_en=known.label_en,
        notes=notes,
    )


async def _read(asked: Query, ask: Question, sight: Sight) -> tuple[Any, str]:
    """The value and the level of reporting it comes from."""
    settings = asked.session.info["settings"]
    assert isinstance(settings, Settings)
    if sight is Sight.EXACT and settings.level.counts:
        return await counts.local_value(asked.session, ask), "municipal"
    if sight is Sight.NATIONAL and settings.level.publishes:
        return await counts.national_value(asked.session, ask), "national"
    raise NotOfThisLevel(level=settings.level.value)


def _question(
    asked: Query, level: Level, place: str, period: str, measure: str, cut: str, as_of: date | None
) -> Question:
    """A question with what it leaves open filled in."""
    if measure in AS_OF_ONLY and as_of is None:
        as_of = asked.today
    return Question(level, place, period, measure, cut, as_of)


@router.get("/counts")
async def get_count(
    asked: Annotated[Query, query(*READERS)],
    level: Level,
    measure: str,
    period: Annotated[str, Asked(pattern=PERIOD)],
    cut: Annotated[Cut, Asked()],
    place: str = STATE,
    as_of: date | None = None,
) -> Count:
    """One count at a place for a period; `as_of` counts what was true by the end of that day."""
    return await _count(asked, _question(asked, level, place, period, measure, cut.text(), as_of))


@router.get("/cells/{level}/{place}/{period}/{measure}/explanation")
async def explain_cell(
    asked: Annotated[Query, query(*READERS)],
    level: Level,
    place: str,
    period: str,
    measure: str,
    cut: Annotated[Cut, Asked()],
) -> Parts:
    """From a cell to what made it: its parts one level down, and how many facts of which kind."""
    ask = _question(asked, level, place, period, measure, cut.text(), None)
    count = await _count(asked, ask)
    sight = await sight_of(asked.session, asked.person, level, place)
    exact = sight is Sight.EXACT
    facts, plans = await explaining.facts_behind(asked.session, ask) if exact else (None, None)
    return Parts(
        count=count,
        definition=explaining.DEFINITIONS.get(measure, MEASURES[measure].label_en),
        parts=await explaining.parts_of(asked.session, ask, exact=exact),
        facts=facts,
        plan_ids=plans if level is Level.SCHOOL else None,
        counted_through=[dict(row) for row in await national_rows.counted_through(asked.session)],
    )
