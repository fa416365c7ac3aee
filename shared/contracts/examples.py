"""One golden sample per fact, made from sample values by field name; all of it is invented.

The committed files are what yesterday's writers said: today's readers must read every one.
"""

import types
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from shared.contracts.base import Fact
from shared.contracts.schemas import text_of

FOLDER = Path(__file__).parent / "examples"
SAMPLES: dict[str, Any] = {
    "pupil_ref": "p1:00000000000000000000000000000001",
    "staff_ref": "s1:00000000000000000000000000000001",
    "preparer_ref": "s1:00000000000000000000000000000001",
    "provider_ref": "s1:00000000000000000000000000000002",
    "partner": "99990000011",
    "from_partner": "99990000011",
    "other_partner": "99990000029",
    "arrival": "99990000029",
    "municipality_id": "99990000011",
    "from_municipality_id": "99990000011",
    "successor_id": "99990000011",
    "payee_ref": "99990000011",
    "evidence_ref": "e1:00000000000000000000000000000001",
    "shelf": "0",
    "about_key": "p1:00000000000000000000000000000001",
    "semester": "2017-1",
    "other_semester": "2017-1",
    "school_year": "2017",
    "month": "2017-10",
    "period": "2017-1",
    "breaks": [["2017-10-23", "2017-10-27"]],
    "days_off": ["2017-11-20"],
    "extra_days": ["2017-11-25"],
    "cut": [["support_type", "meals"]],
    "positions": [["plans.plans.v1", 0, 41]],
    "tables": [["pupils", "0" * 64]],
    "sha256": "0" * 64,
    "version": 1,
    "value": 300,
    "code": "0005000",
    "register_key": "school:example",
    "traceparent": None,
}
BY_TYPE: dict[type, Any] = {int: 1, bool: False, str: "example"}
BY_NAME_OF_TYPE = {"date": "2017-10-02", "datetime": "2017-10-02T09:00:00Z"}


def file_of(fact: type[Fact]) -> Path:
    """Where the sample of a type lies: `examples/<type>.json`."""
    return FOLDER / f"{fact.type}.json"


def example_of(fact: type[BaseModel]) -> dict[str, Any]:
    """A sample of a fact, as it would travel."""
    return {name: _value(name, field.annotation) for name, field in fact.model_fields.items()}


def example_text(fact: type[Fact]) -> str:
    """A sample that went once through the model, as it lies in git."""
    return text_of(fact.model_validate(example_of(fact)).model_dump(mode="json"))


def _value(name: str, annotation: Any) -> Any:
    """A sample value of a field by its name, otherwise by its type."""
    if name in SAMPLES:
        return SAMPLES[name]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(name, arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        return _value(name, next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        return [_value(name, arguments[0])]
    return _simple(annotation)


def _simple(annotation: Any) -> Any:
    """A sample value of a plain type."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation)).value
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example_of(annotation)
    name = getattr(annotation, "__name__", "")
    if name in BY_NAME_OF_TYPE:
        return BY_NAME_OF_TYPE[name]
    if annotation in BY_TYPE:
        return BY_TYPE[annotation]
    return "2017-10-02T09:00:00Z" if "atetime" in str(annotation) else "example"
