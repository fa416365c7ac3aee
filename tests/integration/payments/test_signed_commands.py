"""Every command at an office's door is signed where the office must sign, uploads by their file."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.office_signing import signed
from services.payments.signatures.messages import OfficeCommandNeeds, OfficeUploadNeeds
from tests.builders_bank import Paid, a_statement
from tests.builders_payments import Payments
from tests.integration.payments.test_signed_requests import NOW, a_key, ask, code
from tests.integration.test_every_route import needs_of, routes_of
from tests.money_facts import OFFICE

AT_THE_OFFICE = "/offices/{partner}/"
BY_THE_STATE = {"/offices/{partner}/fundings"}
KEYS_THEMSELVES = "/offices/{partner}/keys"
"""Who has no key in force yet could otherwise never enter one."""


@pytest.fixture
async def must_sign(payments: Payments) -> AsyncIterator[None]:
    """The office must sign for as long as a story lasts."""
    await payments.set_parameter("signed_requests", "required", place=OFFICE)
    yield
    await payments.set_parameter("signed_requests", "optional", place=OFFICE)


def commands(payments: Payments) -> Iterator[tuple[str, bool]]:
    """The paths of all commands at an office's door, and whether they check a signature."""
    for route, methods in routes_of(payments.doors.app.routes):
        if "POST" in methods and route.path.startswith(AT_THE_OFFICE):
            needs = needs_of(route)
            yield route.path, isinstance(needs, OfficeCommandNeeds | OfficeUploadNeeds)


@pytest.mark.feature("M30")
async def test_every_command_of_an_office_is_refused_without_a_signature(
    payments: Payments, must_sign: None
) -> None:
    found = dict(commands(payments))
    free = {path for path, checked in found.items() if not checked}
    assert free - BY_THE_STATE == {path for path in found if path.startswith(KEYS_THEMSELVES)}
    for path in sorted(found.keys() - free):
        own = re.sub(r"\{(?!partner)[^}]+\}", "x1", path).replace("{partner}", OFFICE)
        refused = await ask(payments, own, {}, body=b'{"lines": [{}]}')
        assert code(refused) == (401, "signature-missing"), path


@pytest.mark.feature("M30")
async def test_the_signature_of_an_upload_is_that_of_its_file(
    payments: Payments, must_sign: None
) -> None:
    key = await a_key(payments)
    order_id, *_ = await payments.an_issued_order()
    path, file = f"/offices/{OFFICE}/bank-answers", a_statement(Paid(order_id, booked="2021-11-15"))
    other = signed(key, "POST", path, file + b" ", now=NOW)
    assert code(await ask(payments, path, other, body=file)) == (401, "signature-wrong")
    assert (await payments.order(order_id))["state"] == "in_file"
    taken = await ask(payments, path, signed(key, "POST", path, file, now=NOW), body=file)
    assert taken.json()["results"] == {"applied": 1}, taken.text
