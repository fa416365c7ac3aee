"""A grant lets a person act in its organisation, in its period, in its role."""

from datetime import date

import pytest

from shared.auth import Grant, Person, Role
from shared.errors import OutsideScope

HEAD = Grant(Role.HEAD, "school-1", valid_from=date(2017, 9, 1), valid_to=date(2018, 5, 31))


def test_a_grant_covers_its_organisation_only() -> None:
    person = Person("head", (HEAD,))
    assert person.must({Role.HEAD}, "school-1", "state") is HEAD
    with pytest.raises(OutsideScope) as refused:
        person.must({Role.HEAD}, "school-2", "state")
    assert refused.value.code == "outside-your-organisation"
    with pytest.raises(OutsideScope):
        person.must({Role.PREPARER}, "school-1")


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2017, 8, 31), False),
        (date(2017, 9, 1), True),
        (date(2018, 5, 31), True),
        (date(2018, 6, 1), False),
    ],
)
def test_a_grant_holds_on_its_first_and_last_day(day: date, holds: bool) -> None:
    assert HEAD.holds_on(day) is holds
