"""The catalogue, its frozen schemas and samples, and the document made of them agree."""

import json
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, ConfigDict, create_model

from shared.contracts import asyncapi, examples, schemas
from shared.contracts.__main__ import stale
from shared.contracts.base import Cleanup, Fact
from shared.contracts.catalogue import FACTS, TOPICS
from tests.contracts.compatibility import incompatibility

EVERY_FACT = pytest.mark.parametrize("fact", FACTS.values(), ids=list(FACTS))


class Yesterday(BaseModel):
    """A made-up fact as it was yesterday."""

    model_config = ConfigDict(extra="ignore")

    plan_id: str
    cents: int
    kind: Literal["a", "b"]


def _today(**fields: Any) -> dict[str, Any]:
    model = create_model("Yesterday", **fields)
    schema: dict[str, Any] = model.model_json_schema(mode="serialization")
    return schema


SAME: dict[str, Any] = {
    "plan_id": (str, ...),
    "cents": (int, ...),
    "kind": (Literal["a", "b"], ...),
}
CHANGES: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing changed": (SAME, True),
    "an optional field more": (SAME | {"note": (str | None, None)}, True),
    "a required field more": (SAME | {"note": (str, ...)}, False),
    "a field gone": ({k: v for k, v in SAME.items() if k != "cents"}, False),
    "a type changed": (SAME | {"cents": (str, ...)}, False),
    "a value of an enum more": (SAME | {"kind": (Literal["a", "b", "c"], ...)}, False),
    "a value of an enum gone": (SAME | {"kind": (Literal["a"], ...)}, False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_checker_tells_harmless_changes_from_breaking_ones(change: str) -> None:
    fields, harmless = CHANGES[change]
    why = incompatibility(Yesterday.model_json_schema(mode="serialization"), _today(**fields))
    assert (why is None) is harmless


@pytest.mark.feature("E7")
def test_what_is_frozen_is_what_the_code_says() -> None:
    assert stale() == [], "run `make contracts`"


@EVERY_FACT
def test_the_frozen_schema_and_the_model_understand_each_other(fact: type[Fact]) -> None:
    frozen = json.loads(schemas.file_of(fact).read_text("utf-8"))
    assert incompatibility(frozen, schemas.schema_of(fact)) is None


@EVERY_FACT
def test_todays_reader_reads_yesterdays_sample_with_fields_it_does_not_know(
    fact: type[Fact],
) -> None:
    sample = examples.file_of(fact).read_text("utf-8")
    jsonschema.validate(json.loads(sample), schemas.schema_of(fact))
    read = fact.model_validate_json(json.dumps(json.loads(sample) | {"from_tomorrow": 1}))
    assert read.model_dump(mode="json") == json.loads(sample)


@EVERY_FACT
def test_a_fact_is_frozen_and_says_what_happened(fact: type[Fact]) -> None:
    assert fact.model_config["frozen"] is True
    assert (fact.__doc__ or "").strip().endswith((".", ".)")), "a fact tells its story"
    assert fact.type.startswith("pumpurs.") and fact.type.endswith(".v1")
    read = fact.model_validate_json(examples.file_of(fact).read_text("utf-8"))
    assert read.key, "a fact without key has no order"


@EVERY_FACT
def test_no_field_of_a_fact_can_hold_a_name_a_code_or_an_account(fact: type[Fact]) -> None:
    forbidden = {
        "full_name",
        "given_name",
        "family_name",
        "personal_code",
        "iban",
        "account",
        "born",
        "address",
    }
    assert not forbidden & set(fact.model_fields), "such fields never leave their service"


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_a_topic_has_one_owner_and_somebody_who_listens(topic: Any) -> None:
    owner = topic.owner.replace("_", "-")
    assert topic.name.startswith((f"{owner}.", "payment-office.")), "it belongs to its first word"
    assert topic.readers, "a topic nobody hears is not needed"
    assert topic.cleanup is not Cleanup.COMPACT or "version" in {
        field for fact in FACTS.values() if fact.topic == topic for field in fact.model_fields
    }, "compacted facts carry a version"


def test_the_national_level_hears_aggregates_and_registers_only() -> None:
    heard = {t.name for t in TOPICS.values() if "reporting-national" in t.readers}
    assert heard == {"reporting.aggregates.v1", "identification.registers.v1"}
    fields = {
        f
        for fact in FACTS.values()
        if fact.topic.name == "reporting.aggregates.v1"
        for f in fact.model_fields
    }
    assert not fields & {"pupil_ref", "plan_id", "order_id", "preparer_ref", "provider_ref"}


def test_the_document_names_every_fact_and_topic() -> None:
    document = asyncapi.document()
    assert set(document["components"]["messages"]) == {fact.__name__ for fact in FACTS.values()}
    assert {channel["address"] for channel in document["channels"].values()} == set(TOPICS)
    for operation in document["operations"].values():
        assert operation["channel"]["$ref"].rpartition("/")[2] in document["channels"]
