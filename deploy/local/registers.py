"""Municipalities, schools and everybody's roles for practice, entered by the public doors."""

from deploy.demo import people, registers_stage
from deploy.demo.book import Book
from deploy.demo.client import Doors
from deploy.demo.report import Diary
from deploy.local.system import LocalSystem


def offices() -> tuple[str, ...]:
    """Registration numbers of the partners that pay in the demo."""
    return people.partners()


async def enter(system: LocalSystem) -> None:
    """Enter what the demo enters first, so that its sign-ins may do what they are for."""
    doors = Doors(system.urls, system.token)
    try:
        await registers_stage.run(Book(doors, Diary(system.folder), system.bootstrap))
    finally:
        await doors.close()
