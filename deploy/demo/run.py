"""The demo from beginning to end: semester after semester, then every figure."""

from deploy.demo import (
    compare,
    contradictions_stage,
    derived,
    edition_stage,
    money_stage,
    observed,
    plans_stage,
    pupils_stage,
    refusals_stage,
    registers_stage,
    support_stage,
    topics_stage,
    youth_stage,
)
from deploy.demo.book import Book
from deploy.demo.scenario import semesters

CALL_SEMESTER, PROJECT_ENDS_AFTER = "2018-1", "2018-2"


async def live_through(book: Book) -> None:
    """Everything that happened from 2017 to 2021, through the doors."""
    with book.diary.stage("registers"):
        await registers_stage.run(book)
    for semester in semesters():
        await _semester(book, semester)
        if semester == PROJECT_ENDS_AFTER:
            with book.diary.stage("youth project"):
                await youth_stage.finish(book)
    await refusals_stage.after_the_end(book)


async def _semester(book: Book, semester: str) -> None:
    diary = book.diary
    diary.say(f"semester {semester}")
    with diary.stage("pupils named"):
        await pupils_stage.run(book, semester)
    with diary.stage("plans approved"):
        await plans_stage.run(book, semester)
        await observed.check_on_its_day(book, semester)
    if semester == CALL_SEMESTER:
        with diary.stage("youth project"):
            await youth_stage.decide(book)
            await youth_stage.ordered(book)
    with diary.stage("consultations"):
        await support_stage.consult(book, semester)
    with diary.stage("claims"):
        await refusals_stage.ceiling(book, semester)
        await support_stage.claim(book, semester)
    with diary.stage("orders paid"):
        await money_stage.pay_semester(book, semester)
    if semester == support_stage.RETURNED_SEMESTER:
        await refusals_stage.evidence(book)
    with diary.stage("plans closed"):
        await plans_stage.close(book, semester)


async def compare_all(book: Book) -> None:
    """Compare every figure of the pages, decide what contradicts itself, publish."""
    with book.diary.stage("figures compared"):
        await compare.run(book)
        await derived.check(book)
    with book.diary.stage("contradictions decided"):
        await contradictions_stage.run(book)
    with book.diary.stage("editions published"):
        await edition_stage.run(book)
    with book.diary.stage("topics read"):
        await topics_stage.run(book)
