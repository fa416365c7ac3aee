"""An office's month: a paper paid elsewhere, a claim cut at the ceiling, and the report of it all.

Preiļi, at the turn of 2017 to 2018, after the bank returned a payment (`money_stage.py`).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from deploy.demo import money_stage, people
from deploy.demo.book import Book, PlanMade, at
from deploy.demo.client import Line
from deploy.demo.scenario import Place, place
from deploy.demo.support_stage import (
    RETURNED_KEY,
    RETURNED_MONTH,
    RETURNED_PLACE,
    RETURNED_SEMESTER,
    RETURNED_TYPE,
    claim_line,
)
from shared.money import euro

ELSEWHERE_KEY = "L5"
"""A pupil of another municipality whose ticket somebody claims a second time."""
PERIOD, ADVANCED_ON, ADVANCE_CENTS = "2017-12", date(2017, 12, 1), 1_000_000
CLAIMED_ON, PAID_ON, REPORTED_ON = date(2018, 1, 3), date(2018, 1, 4), date(2018, 1, 5)
TOO_MUCH_CENTS = 40_000
REDUCED = {"decision": "reduced", "accepted_cents": 1, "reason_code": "evidence-unreadable"}


class NotAsForeseen(AssertionError):
    """The month did not go as the rules of the programme say."""


async def run(book: Book) -> None:
    """Claim, be refused and cut, pay, report, be verified; leave the papers in reports."""
    where = place(RETURNED_PLACE)
    plan = book.plans[RETURNED_SEMESTER, RETURNED_KEY]
    await _paid_elsewhere(book, where, plan)
    await _cut(book, where, plan)
    book.diary.note("both were said beforehand, when asked what would happen")
    await money_stage.pay_office(book, where, PAID_ON, "January")
    report = await _reported(book, where)
    lines = await _verified(book, report)
    await _proved(book, lines)


async def _claim(book: Book, where: Place, line: dict[str, Any]) -> Line:
    """Ask what would become of a claim, then submit it: it comes as it was said."""
    foreseen, answer = [
        (
            await book.doors.bulk(
                f"payments:/claims{door}",
                [line],
                by=people.officers(where)[0],
                at=at(CLAIMED_ON, 9),
                key=f"office month{door}:{line['evidence']['number']}",
            )
        )[0]
        for door in ("/what-if", "")
    ]
    if (foreseen.accepted, foreseen.message) != (answer.accepted, answer.message):
        raise NotAsForeseen(f"{foreseen} was said, {answer} came")
    return answer


async def _paid_elsewhere(book: Book, where: Place, plan: PlanMade) -> None:
    """A ticket that another municipality has paid is not paid again, and names nobody."""
    paid = claim_line(book.plans[RETURNED_SEMESTER, ELSEWHERE_KEY], RETURNED_TYPE, RETURNED_MONTH)
    line = claim_line(plan, RETURNED_TYPE, RETURNED_MONTH) | {"evidence": paid["evidence"]}
    answer = await _claim(book, where, line)
    if answer.accepted or "already" not in (answer.message or ""):
        raise NotAsForeseen(f"a ticket paid in another municipality gave {answer}")
    book.diary.note(f"a ticket claimed in two municipalities: {answer.message}")


async def _cut(book: Book, where: Place, plan: PlanMade) -> None:
    """More than the month has left is cut to it, and the sentence says what used it."""
    before = await money_stage.month_of_returned(book)
    line = claim_line(plan, RETURNED_TYPE, RETURNED_MONTH) | {"cents": TOO_MUCH_CENTS}
    line["evidence"] = line["evidence"] | {"number": f"{plan.plan_id}/season ticket"}
    answer = await _claim(book, where, line)
    if not answer.accepted or answer.details["cents"] != before["free_cents"]:
        raise NotAsForeseen(f"{TOO_MUCH_CENTS} cents gave {answer} in {before}")
    book.diary.note(f"a claim of {euro(TOO_MUCH_CENTS)} EUR: {answer.message}")
    book.diary.note(f"because {answer.details['explanation']['sentence_en']}")


async def _reported(book: Book, where: Place) -> dict[str, Any]:
    """The state's advance, then the report of the period, which writes itself."""
    office = people.partner(where)
    await book.doors.all_accepted(
        f"payments:/offices/{office}/fundings",
        [
            {
                "funding_id": f"advance-{PERIOD}",
                "kind": "advance",
                "cents": ADVANCE_CENTS,
                "booked_on": ADVANCED_ON.isoformat(),
            }
        ],
        by=people.STATE_OFFICER,
        at=at(ADVANCED_ON, 10),
        key=f"advance:{office}",
    )
    report: dict[str, Any] = await book.doors.command(
        f"payments:/offices/{office}/partner-reports",
        {"period": PERIOD},
        by=people.officers(where)[0],
        at=at(REPORTED_ON, 9),
        key=f"partner report:{office}:{PERIOD}",
    )
    book.diary.note(
        f"partner report {PERIOD}: opening {euro(report['opening_cents'])}, received "
        f"{euro(report['received_cents'])}, spent {euro(report['spent_cents'])}, closing "
        f"{euro(report['closing_cents'])} EUR; {report['lines']} payments, "
        f"{report['evidence_count']} papers"
    )
    return report


async def _verified(book: Book, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The state accepts every line but one, which it reduces with a reason."""
    path, asked = f"payments:/partner-reports/{report['report_id']}", at(REPORTED_ON, 14)
    shown = await book.doors.read(f"{path}/lines", by=people.STATE_OFFICER, at=asked)
    lines: list[dict[str, Any]] = shown["lines"]
    if sum(line["cents"] for line in lines) != report["spent_cents"]:
        raise NotAsForeseen(f"the lines are not what was spent: {report}")
    verdicts = [
        {"line_no": line["line_no"]} | (REDUCED if number == 0 else {"decision": "accepted"})
        for number, line in enumerate(lines)
    ]
    key = f"verdicts:{report['report_id']}"
    await book.doors.all_accepted(
        f"{path}/verdicts", verdicts, by=people.STATE_OFFICER, at=asked, key=key
    )
    told = await book.doors.command(
        f"{path}/verification", {}, by=people.STATE_OFFICER, at=asked, key=f"end of {key}"
    )
    book.diary.note(f"the state accepted {euro(told['accepted_cents'])} EUR of it")
    book.diary.save_json("reports/partner-report.json", report | {"verified": told})
    return lines


async def _proved(book: Book, lines: Sequence[dict[str, Any]]) -> None:
    """The claim package for the managing authority, and one payment's whole story."""
    package = await book.doors.command(
        "payments:/claim-packages",
        {"last_day": f"{PERIOD}-31"},
        by=people.STATE_OFFICER,
        at=at(REPORTED_ON, 15),
        key=f"claim package:{PERIOD}",
    )
    for name, path in (
        ("claim-package.zip", f"claim-packages/{package['package_id']}/archive"),
        ("audit-package.zip", f"orders/{lines[0]['order_id']}/audit"),
    ):
        content = await book.doors.fetch(
            f"payments:/{path}", by=people.AUDITOR, at=at(REPORTED_ON, 16)
        )
        book.diary.save_archive(name, content)
    book.diary.note(
        f"claim package of {package['lines']} lines, {euro(package['esf_cents'])} EUR of the fund "
        f"and {euro(package['state_cents'])} EUR of the state; signed, in reports"
    )
