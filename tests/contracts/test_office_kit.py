"""An office's starter kit: its own topics and doors, examples that fit, signatures that hold."""

import hashlib
import json
import re
from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any

import jsonschema
import pytest

from deploy import office_kit
from services.payments.signatures.domain import Sent, check_signature, read_signature

TOPICS = {"payment-office.{office}.orders.v1", "payment-office.{office}.reports.v1"}


@pytest.fixture(scope="module")
def kit() -> dict[str, str]:
    """Every file of the kit."""
    return office_kit.documents()


def read(kit: dict[str, str], name: str) -> Any:
    """A file of the kit as data."""
    return json.loads(kit[name])


def test_the_kit_tells_of_the_offices_own_topics_and_doors_only(kit: dict[str, str]) -> None:
    channels = read(kit, "asyncapi.json")["channels"].values()
    assert {channel["address"] for channel in channels} == TOPICS
    assert set(read(kit, "openapi.json")["paths"]) == {
        "/bank-files/{file_id}",
        "/offices/{partner}/bank-answers",
        "/offices/{partner}/bank-files",
        "/offices/{partner}/keys",
        "/offices/{partner}/keys/{key_id}/confirmation",
        "/offices/{partner}/keys/{key_id}/revocation",
        "/offices/{partner}/orders",
        "/offices/{partner}/reports",
        "/offices/{partner}/work-list",
        "/signing-keys",
    }
    whole = kit["asyncapi.json"] + kit["openapi.json"]
    assert "pupil_ref" not in whole and "plan_id" not in whole


def test_what_a_document_refers_to_is_in_it(kit: dict[str, str]) -> None:
    for name in ("asyncapi.json", "openapi.json"):
        document = read(kit, name)
        for reference in re.findall(r'"\$ref": "#/([^"]+)"', kit[name]):
            found = document
            for step in reference.split("/"):
                found = found[step.replace("~1", "/")]
            assert found


def test_every_example_fits_its_schema(kit: dict[str, str]) -> None:
    names = [name for name in kit if name.startswith("examples/")]
    assert len(names) == 5
    for name in names:
        schema = read(kit, name.replace("examples/", "schemas/"))
        jsonschema.validate(read(kit, name), schema)


def test_the_signed_requests_are_signed_as_payments_wants_them(kit: dict[str, str]) -> None:
    told = read(kit, "requests.json")
    key = urlsafe_b64decode(told["public_key"]["x"] + "=")
    for one in told["requests"]:
        path, _, query = one["path"].partition("?")
        body, headers = one["body"].encode(), one["headers"]
        digest = hashlib.sha256(body).digest() if body else None
        signature = headers["Signature-Input"], headers["Signature"]
        sent = Sent(
            one["method"], path, f"?{query}", digest, headers.get("Content-Digest"), *signature
        )
        now: datetime = office_kit.SIGNED_AT
        check_signature(sent, read_signature(sent, zone=now), key, now=now)


def test_the_clients_of_the_kit_stay_short_and_need_nothing_of_ours(kit: dict[str, str]) -> None:
    for name in ("practice_office.py", "office_signing.py"):
        assert kit[name].count("\n") <= 235
        assert not re.search(
            r"^(from|import) (services|shared|tests|deploy)", kit[name], re.MULTILINE
        )
        compile(kit[name], name, "exec")
    assert "## Latviski" in kit["README.md"] and "## English" in kit["README.md"]
