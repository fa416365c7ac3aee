"""Every figure of the pages beside what the system has."""

from deploy.demo import observed, parameters, planned, words
from deploy.demo.book import Book
from deploy.demo.client import side_by_side
from deploy.demo.facts import figures
from deploy.demo.report import Verdict, verdict


async def run(book: Book) -> None:
    """Look at all kinds; contradictions were looked at when they were decided."""
    await side_by_side(
        parameters.check(book), words.check(book), observed.check(book), planned.check(book)
    )


def verdicts(book: Book) -> list[Verdict]:
    """One verdict a figure, in the order of the file; what nobody looked at does not agree."""
    return [
        book.verdicts.get(figure.id)
        or verdict(figure, None, agrees=False, remark="nobody looked at it")
        for figure in figures()
    ]
