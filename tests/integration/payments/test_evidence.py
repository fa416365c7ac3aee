"""Evidence through the door: paid once, of the right kind, against what really took place."""

import asyncio
from typing import Any

import pytest

from tests.builders_payments import Payments
from tests.money_facts import (
    LATER,
    OFFICE,
    OFFICER,
    a_claim,
    a_consultation,
    a_ticket,
    an_invoice,
    hours_of_preparation,
    pupil,
)


@pytest.mark.feature("M10")
@pytest.mark.feature("D9")
async def test_evidence_is_paid_once_and_siblings_are_both_paid(payments: Payments) -> None:
    one = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})})
    two = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})})
    first, sibling, again = await payments.claim(
        [
            a_claim(one, "m", 2_500, evidence=an_invoice("TWINS-1")),
            a_claim(two, "m", 2_500, evidence=an_invoice("TWINS-2")),
            a_claim(two, "m", 2_500, evidence=an_invoice("twins - 1")),
        ]
    )
    assert (first["status"], sibling["status"]) == ("accepted", "accepted")
    assert (again["status"], again["code"]) == ("refused", "evidence-already-paid")


async def test_two_offices_that_claim_the_same_paper_at_once_pay_it_once(
    payments: Payments,
) -> None:
    plans = [await payments.a_plan({"m": ("meals", {"2021-10": 5_000})}) for _ in range(8)]
    answers = await asyncio.gather(
        *(payments.claim([a_claim(p, "m", 900, evidence=an_invoice("RACE-1"))]) for p in plans)
    )
    codes = sorted(str(answer[0]["code"]) for answer in answers)
    assert codes == ["None", *["evidence-already-paid"] * 7]


async def test_a_consultation_is_paid_only_when_it_was_confirmed(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"c": ("consultation", {"2021-10": 3_200})},
                                    pupil_ref=pupil_ref)  # fmt: skip
    await payments.hear(
        a_consultation(pupil_ref, plan_id, "cons-1", on="2021-10-05", measure_id="c")
    )

    def claim(consultation_id: str | None) -> dict[str, Any]:
        evidence = {"kind": "consultation", "consultation_id": consultation_id}
        return {"plan_id": plan_id, "cents": 800, "payee_id": "mother", "evidence": evidence}

    answers = await payments.claim([claim("cons-1"), claim("cons-1"), claim("cons-2"), claim(None)])
    assert [a["code"] for a in answers] == [
        None,
        "evidence-already-paid",
        "consultation-unknown",
        "evidence-incomplete",
    ]
    order = await payments.order(answers[0]["details"]["order_id"])
    assert (order["measure_id"], order["service_date"]) == ("c", "2021-10-05")


async def test_preparing_is_paid_up_to_the_hours_released(payments: Payments) -> None:
    pupil_ref = pupil()
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 30_000})}, pupil_ref=pupil_ref)

    def claim(cents: int) -> dict[str, Any]:
        return {"plan_id": plan_id, "cents": cents, "payee_id": "mother",
                "evidence": {"kind": "preparation"}}  # fmt: skip

    (early,) = await payments.claim([claim(100)])
    assert early["code"] == "preparation-not-earned"
    await payments.hear(hours_of_preparation(pupil_ref, plan_id, 120))
    answers = await payments.claim([claim(1_500), claim(501), claim(500)])
    assert [a["code"] for a in answers] == [None, "preparation-not-earned", None]
    assert (await payments.month(pupil_ref))["ordered_cents"] == 0, "outside the ceiling"
    (more,) = await payments.claim([claim(1)])
    assert more["code"] == "preparation-not-earned"


async def test_a_place_pays_only_the_lines_of_its_scope(payments: Payments) -> None:
    plan_id = await payments.a_plan({"t": ("public_transport", {"2021-10": 3_000})})
    await payments.set_parameter("transport_scope", "intercity", place=OFFICE)

    def ticket(line: str | None) -> dict[str, Any]:
        evidence = a_ticket() | {"transport_line": line}
        return a_claim(plan_id, "t", 500, evidence=evidence)

    answers = await payments.claim([ticket("intercity"), ticket("local"), ticket(None)])
    assert [a["code"] for a in answers] == [
        None,
        "transport-out-of-scope",
        "transport-line-missing",
    ]
    assert "intercity" in answers[1]["message"]


async def test_an_unknown_payee_and_evidence_that_proves_nothing_are_refused(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 5_000})})
    ticket = an_invoice() | {"kind": "ticket"}
    unsigned = {"kind": "invoice", "number": "7"}
    answers = await payments.claim(
        [
            a_claim(plan_id, "m", 100, payee_id="nobody"),
            a_claim(plan_id, "m", 100, evidence=ticket),
            a_claim(plan_id, "m", 100, evidence=unsigned),
        ]
    )
    assert [a["code"] for a in answers] == [
        "payee-unknown",
        "evidence-kind-not-for-type",
        "evidence-incomplete",
    ]


async def test_confirmed_minutes_are_paid_at_most_at_the_rate_of_the_kind_of_provider(
    payments: Payments,
) -> None:
    pupil_ref = pupil()
    planned = {"c": ("consultation", {"2021-10": 3_200})}
    plan_id = await payments.a_plan(planned, pupil_ref=pupil_ref)
    await payments.hear(
        a_consultation(pupil_ref, plan_id, "rated", on="2021-10-05", measure_id="c")
    )
    await payments.set_parameter("consultation_hour_cents_max", {"teacher": 950}, place=OFFICE)

    def claim(cents: int) -> dict[str, Any]:
        evidence = {"kind": "consultation", "consultation_id": "rated"}
        return {"plan_id": plan_id, "cents": cents, "payee_id": "mother", "evidence": evidence}

    dear, right = await payments.claim([claim(951), claim(950)])
    await payments.set_parameter("consultation_hour_cents_max", {}, place=OFFICE)
    assert (dear["code"], dear["details"]["most_eur"], right["code"]) == (
        "above-hour-rate",
        "9.50",
        None,
    )


async def test_items_of_individual_use_go_to_the_circle_a_place_has_narrowed_them_to(
    payments: Payments,
) -> None:
    planned = {"p": ("personal_items", {"2021-10": 3_000})}
    circle = {"personal_items": {"risk_groups": ["R3", "R4"]}}
    await payments.set_parameter("circle_of_recipients", circle, place=OFFICE)
    inside = await payments.a_plan(planned, risk_groups=("R1", "R3"))
    outside = await payments.a_plan(planned)
    answers = await payments.claim([a_claim(one, "p", 100) for one in (inside, outside)])
    await payments.set_parameter("circle_of_recipients", {}, place=OFFICE)
    assert [answer["code"] for answer in answers] == [None, "outside-circle"]


async def test_each_kind_of_evidence_lacks_nothing_the_table_asks_for(payments: Payments) -> None:
    plan_id = await payments.a_plan({"t": ("public_transport", {"2021-10": 3_000})})
    listed = await payments.doors.get("/code-lists/evidence_kind", by="an.officer")
    kinds = {entry["code"]: entry["attributes"] for entry in listed.json()["entries"]}
    fields = kinds["ticket"]["fields"]["public_transport"]
    assert fields == ["issuer", "number", "date", "from", "to"]
    for name in fields:
        paper = {key: value for key, value in a_ticket().items() if key != name}
        (answer,) = await payments.claim([a_claim(plan_id, "t", 100, evidence=paper)])
        assert (answer["code"], answer["details"]["missing"]) == ("evidence-incomplete", name)


SAME = (
    {"number": "t\u20111"},
    {"number": "\uff34-1"},
    {"number": " T-1 "},
    {"issuer": "LV40003521600"},
    {"line": "2"},
)


@pytest.mark.feature("M10")
async def test_a_ticket_written_in_another_way_is_the_same_ticket(payments: Payments) -> None:
    plan_id = await payments.a_plan({"t": ("special_transport", {"2021-10": 10_000})})
    ticket = a_ticket("T-1")
    claims = [a_claim(plan_id, "t", 100, evidence=ticket | other) for other in ({}, *SAME)]
    first, *again = await payments.claim(claims)
    assert first["status"] == "accepted"
    assert {a["code"] for a in again} == {"evidence-already-paid"}
    letters = [a_ticket("\u0122-9"), a_ticket("G\u0327-9")]
    answers = await payments.claim([a_claim(plan_id, "t", 100, evidence=one) for one in letters])
    assert [a["code"] for a in answers] == [None, "evidence-already-paid"]


@pytest.mark.feature("M10")
async def test_a_bill_that_was_paid_as_a_whole_has_no_line_left(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 10_000})})
    whole, lines = an_invoice(), an_invoice()
    papers = (whole, whole | {"line": "1"}, lines | {"line": "1"}, lines | {"line": "2"})
    answers = await payments.claim([a_claim(plan_id, "m", 100, evidence=one) for one in papers])
    assert [a["code"] for a in answers] == [None, "evidence-already-paid", None, None]
    (later,) = await payments.claim([a_claim(plan_id, "m", 100, evidence=whole | {"line": "2"})])
    assert later["code"] == "evidence-already-paid"


@pytest.mark.feature("M10")
async def test_a_bill_of_which_a_line_was_paid_is_not_paid_as_a_whole(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 10_000})})
    bill = an_invoice()

    async def claimed(*lines: str | None) -> list[dict[str, Any]]:
        papers = [bill | ({} if line is None else {"line": line}) for line in lines]
        return await payments.claim([a_claim(plan_id, "m", 100, evidence=one) for one in papers])

    in_one = await claimed("1", None, "2")
    assert [a["code"] for a in in_one] == [None, "evidence-already-paid", None]
    later = await claimed(None, "3")
    assert [a["code"] for a in later] == ["evidence-already-paid", None]
    for answer in (in_one[0], in_one[2], later[1]):
        line = {"order_id": answer["details"]["order_id"], "reason_code": "entered-by-mistake"}
        (still,) = await claimed(None)
        assert still["code"] == "evidence-already-paid"
        await payments.doors.lines("/orders/cancellations", [line], by=OFFICER, at=LATER)
    assert [a["code"] for a in await claimed(None, "1")] == [None, "evidence-already-paid"]


@pytest.mark.feature("M10")
async def test_of_a_bill_and_its_lines_claimed_at_the_same_moment_one_kind_is_paid(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 10_000})})
    plans = [plan_id, *[await payments.a_plan({"m": ("meals", {"2021-10": 900})}) for _ in "123"]]
    for _ in range(4):
        bill = an_invoice()
        papers = [bill, bill | {"line": "1"}, bill | {"line": "2"}, bill]
        claims = [
            a_claim(plan, "m", 100, evidence=one) for plan, one in zip(plans, papers, strict=True)
        ]
        answers = await asyncio.gather(*[payments.claim([claim]) for claim in claims])
        codes = [answer["code"] for (answer,) in answers]
        paid = [number for number, code in enumerate(codes) if code is None]
        assert paid in ([0], [3], [1], [2], [1, 2]), codes
        assert set(codes) == {None, "evidence-already-paid"}


async def test_a_paper_nobody_can_read_or_of_a_day_to_come_proves_nothing(
    payments: Payments,
) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 10_000})})
    changes = ({"number": "T\u200b1"}, {"issuer": " "}, {"line": "\u202e1"}, {"number": "a\x00"})
    claims = [a_claim(plan_id, "m", 100, evidence=an_invoice() | one) for one in changes]
    answers = await payments.claim(claims)
    assert [(a["code"], a["field"]) for a in answers] == [
        ("invalid", f"evidence.{name}") for one in changes for name in one
    ]
    ahead = an_invoice() | {"date": "2021-11-16"}
    (answer,) = await payments.claim([a_claim(plan_id, "m", 100, evidence=ahead)])
    assert (answer["code"], answer["field"]) == ("evidence-in-future", "evidence.date")
