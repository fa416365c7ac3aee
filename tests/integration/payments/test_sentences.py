"""What a refusal says: in both languages, with euros as each writes them, and what to do now."""

from services.payments.refusals import REASONS
from tests.builders_payments import Payments
from tests.money_facts import TEACHER, a_claim, an_invoice

NOTHING_CAN_BE_DONE = {"project-ended", "ceiling-used-up", "ceiling-cut", "allocation-cut"}
"""Refusals after which no other claim would be paid, and cuts, after which nothing need be done."""


async def test_a_latvian_sentence_writes_euros_with_a_comma(payments: Payments) -> None:
    await payments.set_parameter("partial_payment", "refuse", since="2021-11-01")
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 30_000})})
    (answer,) = await payments.claim([a_claim(plan_id, "m", 30_001)])
    await payments.set_parameter("partial_payment", "cut", since="2021-11-01")
    assert answer["code"] == "ceiling-too-small"
    assert answer["message"] == (
        "the claim is above the 300.00 EUR left under the monthly ceiling; claim no more"
    )
    assert answer["details"]["message_lv"] == (
        "Prasība pārsniedz mēneša griestu atlikumu 300,00 EUR; prasiet ne vairāk."
    )
    assert answer["details"]["explanation"]["sentence_lv"] == (
        "no 300,00 EUR oktobrī 300,00 rezervēti ēdināšanai, 0,00 atlikuši"
    )


async def test_a_cut_claim_is_not_called_paid_before_anybody_paid(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 30_000})})
    (answer,) = await payments.claim([a_claim(plan_id, "m", 30_001)])
    assert answer["details"]["message_lv"] == (
        "Samazināts līdz atlikumam; 0,01 EUR pārsniedz mēneša griestus."
    )


async def test_a_place_that_pays_some_lines_says_so_in_latvian_words(payments: Payments) -> None:
    await payments.set_parameter("transport_scope", "inter_municipality", place=payments.office)
    plan_id = await payments.a_plan({"t": ("public_transport", {"2021-10": 4_000})})
    paper = an_invoice() | {"transport_line": "local"}
    (answer,) = await payments.claim([a_claim(plan_id, "t", 100, evidence=paper)])
    await payments.set_parameter("transport_scope", "any_public_transport", place=payments.office)
    assert answer["code"] == "transport-out-of-scope"
    assert answer["details"]["message_lv"] == (
        "Šajā vietā apmaksā tikai starppilsētu un starpnovadu transportu; šo neiesniedziet."
    )


async def test_a_cent_for_two_days_is_no_matter_of_the_days(payments: Payments) -> None:
    plan_id = await payments.a_plan({"m": ("meals", {"2021-10": 4_000})})
    days = {"month": None, "days": ["2021-10-01", "2021-10-02"]}
    (answer,) = await payments.claim([a_claim(plan_id, "m", 1, **days)])
    assert (answer["code"], answer["field"]) == ("sum-below-days", "cents")


async def test_every_refusal_says_in_both_languages_what_to_do(payments: Payments) -> None:
    listed = await payments.doors.get("/code-lists/payment_refusal", by=TEACHER)
    entries = {one["code"]: one for one in listed.json()["entries"]}
    assert entries.keys() == REASONS.keys()
    for code in entries.keys() - NOTHING_CAN_BE_DONE:
        for language in ("label_lv", "label_en"):
            sentence = entries[code][language]
            said_first, _, cure = sentence.partition(";")
            imperative = said_first.startswith(("Norādiet", "give", "say", "cut", "Samazināts"))
            assert cure or imperative or ". Norādiet" in sentence, sentence
