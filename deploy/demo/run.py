"""The demo from beginning to end: what happened, place by place, then every figure."""

from deploy.demo import (
    compare,
    contradictions_stage,
    derived,
    edition_stage,
    meals_stage,
    money_stage,
    observed,
    office_month,
    plans_stage,
    pupils_stage,
    refusals_stage,
    registers_stage,
    support_stage,
    topics_stage,
    youth_stage,
)
from deploy.demo.book import Book
from deploy.demo.client import side_by_side
from deploy.demo.scenario import Place, places

CALL_SEMESTER = "2018-1"


async def live_through(book: Book) -> None:
    """Everything that happened from 2017 to 2021: the places side by side, each in its order."""
    with book.diary.stage("registers"):
        await registers_stage.run(book)
    with book.diary.stage("five places, 2017 to 2021"):
        await side_by_side(*(_place(book, where) for where in places()))
    await refusals_stage.evidence(book)
    await refusals_stage.after_the_end(book)
    with book.diary.stage("an office's month"):
        await office_month.run(book)


async def _place(book: Book, where: Place) -> None:
    """Semester after semester of one place."""
    for semester in where.stays:
        with book.diary.stage(f"{where.name} {semester}"):
            await _semester(book, where, semester)
    if where.youth_call is not None:
        with book.diary.stage(f"{where.name}, end of the youth project"):
            await youth_stage.finish(book)


async def _semester(book: Book, where: Place, semester: str) -> None:
    """From the first day of a semester to its last."""
    await pupils_stage.run(book, where, semester)
    await plans_stage.run(book, where, semester)
    await observed.check_on_its_day(book, where, semester)
    if where.youth_call is not None and semester == CALL_SEMESTER:
        await youth_stage.decide(book)
        await youth_stage.ordered(book)
    await support_stage.consult(book, where, semester)
    await refusals_stage.ceiling(book, where, semester)
    await meals_stage.serve(book, where, semester)
    await support_stage.claim(book, where, semester)
    await side_by_side(
        money_stage.pay(book, where, semester), plans_stage.close(book, where, semester)
    )
    await meals_stage.paid(book, where, semester)


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
