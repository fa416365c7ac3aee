"""Figures that texts declare, when they contradict each other, and what that holds back. Pure.

A declared value belongs to a subject: one measure at one place, period and cut. The rule of the
subject says what several values mean. Nothing is ever picked, averaged or taken as the later one:
where a rule needs a person, the block stays until a state officer decides with a reason.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.reporting.domain import ALL, periods_up
from shared.calendar import month_bounds


class Rule(StrEnum):
    """What several values of one subject mean."""

    BLOCK_UNTIL_DECIDED = "block_until_decided"
    RESOLVE_BY_DATE = "resolve_by_date"
    NAME_THE_MEASURE = "name_the_measure"
    PARAMETER_PER_PLACE = "parameter_per_place"
    UNION = "union"
    ATTRIBUTE = "attribute"
    NORMALISE = "normalise"


class Status(StrEnum):
    """Where a subject stands."""

    AGREED = "agreed"
    SETTLED_BY_RULE = "settled_by_rule"
    OPEN = "open"
    DECIDED = "decided"


class Blocks(StrEnum):
    """How much an open contradiction holds back: every figure of the block, or one cell."""

    BLOCK = "block"
    CELL = "cell"


STATE_PLACE = "state"
PROJECT_END = "project_end"


@dataclass(frozen=True)
class Subject:
    """What is declared: a measure at a place, for a period, with a cut."""

    measure: str
    level: str
    place: str
    period: str | None
    cut: str
    rule: Rule
    blocks: Blocks

    @property
    def id(self) -> str:
        """The subject's id, made of what it is about."""
        cut = [self.cut.replace("=", ".").replace("&", ".")] if self.cut else []
        return ".".join([self.measure, self.level, self.place, self.period or "always", *cut])


@dataclass(frozen=True)
class Claim:
    """One declared value with where it was read; `text_mark` is what was printed, as received."""

    value: Any
    text_mark: str | None
    source: str
    definition: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    declared_at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What a person decided of a subject."""

    decided_at: datetime
    readings: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def normalised(value: Any) -> str:
    """A value so that spellings compare equal: white space out of text, keys in order."""
    if isinstance(value, str):
        value = "".join(value.split())
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def status_of(rule: Rule, claims: Sequence[Claim], decisions: Sequence[Decision]) -> Status:
    """Where a subject stands, given all that was declared and decided."""
    if decisions and not _declared_since(claims, decisions):
        return Status.DECIDED
    if not _differ(rule, claims):
        return Status.AGREED
    if rule is Rule.BLOCK_UNTIL_DECIDED:
        return Status.OPEN
    if rule is Rule.RESOLVE_BY_DATE:
        return Status.OPEN if _overlap(claims) else Status.SETTLED_BY_RULE
    if rule is Rule.NAME_THE_MEASURE:
        return Status.OPEN if _one_name_two_values(claims) else Status.SETTLED_BY_RULE
    return Status.SETTLED_BY_RULE


def _declared_since(claims: Sequence[Claim], decisions: Sequence[Decision]) -> bool:
    """Whether something was declared after the last decision."""
    last = max(decision.decided_at for decision in decisions)
    return any(claim.declared_at is not None and claim.declared_at > last for claim in claims)


def _differ(rule: Rule, claims: Sequence[Claim]) -> bool:
    """Whether the values need a rule at all; a mark without a value always does."""
    if rule is Rule.NAME_THE_MEASURE and len({claim.definition for claim in claims}) > 1:
        return True
    unread = any(claim.text_mark is not None and claim.value is None for claim in claims)
    if rule is Rule.BLOCK_UNTIL_DECIDED:
        return unread or not _agree(claims)
    texts = {json.dumps(claim.value, sort_keys=True, ensure_ascii=False) for claim in claims}
    return unread or len(texts) > 1


def _agree(claims: Sequence[Claim]) -> bool:
    """Whether all values are one, a date of lower precision agreeing with what it contains."""
    values = {normalised(claim.value) for claim in claims}
    if len(values) <= 1:
        return True
    days = [last_day_of(claim.value) for claim in claims]
    if any(day is None for day in days):
        return False
    texts = sorted({str(claim.value) for claim in claims}, key=len)
    return all(texts[-1].startswith(text) for text in texts)


def last_day_of(value: Any) -> date | None:
    """The last day that a date of any precision can mean: 2022, 2022-12, 2022-12-31."""
    try:
        text = str(value)
        if len(text) == 4:
            return date(int(text), 12, 31)
        return month_bounds(text)[1] if len(text) == 7 else date.fromisoformat(text)
    except ValueError:
        return None


def _overlap(claims: Sequence[Claim]) -> bool:
    """Whether two different values claim to hold on the same day."""
    dated = [c for c in claims if c.valid_from is not None]
    for number, one in enumerate(dated):
        for other in dated[:number]:
            start = max(one.valid_from or date.min, other.valid_from or date.min)
            end = min(one.valid_to or date.max, other.valid_to or date.max)
            if start <= end and normalised(one.value) != normalised(other.value):
                return True
    return False


def _one_name_two_values(claims: Sequence[Claim]) -> bool:
    """Whether one definition was declared with two values."""
    by_name: dict[str | None, set[str]] = {}
    for claim in claims:
        by_name.setdefault(claim.definition, set()).add(normalised(claim.value))
    return any(len(values) > 1 for values in by_name.values())


def holds_back(subject: Subject, claims: Sequence[Claim], period: str) -> bool:
    """Whether an open contradiction of this subject touches a period at all."""
    if subject.measure == PROJECT_END:
        ends = [day for claim in claims if (day := last_day_of(claim.value)) is not None]
        return period == ALL or (bool(ends) and _last_month(period) > min(ends).isoformat()[:7])
    if subject.period is None:
        return subject.rule is Rule.RESOLVE_BY_DATE
    return period in periods_up(subject.period)


def _last_month(period: str) -> str:
    """The last month a period certainly reaches into: August belongs to no lesson."""
    year = int(period[:4])
    return f"{year}-12" if period[4:] == "-1" else f"{year + 1}-05"
