"""What differs between two versions of a plan, field by field, and whether it is a minor change.

Source: domain text P-6. Pure: contents in, a list of differences out; sums are cents.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from services.plans.content import Content, Measure

FULL_CHAIN = "full_chain"
HEAD_ONLY = "head_only"


@dataclass(frozen=True)
class Difference:
    """One field that is not the same; None where the version does not have it."""

    field: str
    old: JsonValue
    new: JsonValue


def differences(old: Content, new: Content) -> list[Difference]:
    """All fields in which two versions differ, by name."""
    before, after = _fields(old), _fields(new)
    return [
        Difference(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _fields(content: Content) -> dict[str, JsonValue]:
    """A content as fields by their path."""
    fields: dict[str, JsonValue] = {
        "valid_from": content.valid_from.isoformat(),
        "valid_to": content.valid_to.isoformat(),
        "preparation_cents_max": content.preparation_cents_max,
    }
    for risk in content.risks:
        fields[f"risks.{risk.group}"] = risk.justification
    for measure in content.measures:
        fields.update(_measure_fields(measure))
    return fields


def _measure_fields(measure: Measure) -> Iterable[tuple[str, JsonValue]]:
    """The fields of one measure."""
    at = f"measures.{measure.measure_id}"
    yield f"{at}.support_type", measure.support_type
    yield f"{at}.delivery_mode", measure.delivery_mode
    yield f"{at}.provider_kind", measure.provider_kind
    yield f"{at}.risk_groups", list(measure.risk_groups)
    yield f"{at}.justification", measure.justification
    for month, cents in measure.planned:
        yield f"{at}.planned.{month}", cents


def is_minor(old: Content, new: Content) -> bool:
    """Whether no month, measure or total costs more, and no support, risk or day is new."""
    return (
        _no_more_money(old, new)
        and {m.support_type for m in new.measures} <= {m.support_type for m in old.measures}
        and {m.measure_id for m in new.measures} <= {m.measure_id for m in old.measures}
        and {r.group for r in new.risks} <= {r.group for r in old.risks}
        and old.valid_from <= new.valid_from
        and new.valid_to <= old.valid_to
    )


def _no_more_money(old: Content, new: Content) -> bool:
    """Whether no planned month of a measure grew, nor the preparation."""
    before = {m.measure_id: dict(m.planned) for m in old.measures}
    return new.preparation_cents_max <= old.preparation_cents_max and all(
        cents <= before.get(measure.measure_id, {}).get(month, 0)
        for measure in new.measures
        for month, cents in measure.planned
    )
