"""Who the programme is for, by grade or course, place and day.

The ranges themselves are parameters: `grades` for general education, `vet_courses` for
vocational programmes, of the state or narrower for one place. A value is one range
`{"from": 5, "to": 12}` or a list of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.errors import Invalid, Refused

PARAMETER_OF = {"general": "grades", "vocational": "vet_courses"}


class OutsideTargetGroup(Refused):
    """The programme does not serve this grade or course on this day at this school."""

    code = "outside-target-group"


class NotARange(Invalid):
    """A range of grades is written {"from": 5, "to": 12}, or as a list of such ranges."""

    code = "not-a-grade-range"


@dataclass(frozen=True)
class GradeRange:
    """Grades or courses from first to last, both included."""

    first: int
    last: int

    def __contains__(self, grade: int) -> bool:
        """Whether a grade lies in the range."""
        return self.first <= grade <= self.last

    def __str__(self) -> str:
        """As people write it: 5-12."""
        return f"{self.first}-{self.last}"


def read_ranges(value: Any) -> tuple[GradeRange, ...]:
    """The ranges of a parameter's value; raises NotARange."""
    parts: Sequence[Any] = value if isinstance(value, list) else [value]
    return tuple(_range(part) for part in parts)


def _range(part: Any) -> GradeRange:
    """One range."""
    if not isinstance(part, Mapping):
        raise NotARange(field="value")
    first, last = part.get("from"), part.get("to")
    if not isinstance(first, int) or not isinstance(last, int) or not 1 <= first <= last <= 12:
        raise NotARange(field="value")
    return GradeRange(first, last)


def check_target_group(
    programme: str, grade: int, ranges: Sequence[GradeRange], *, day: date
) -> None:
    """Raise OutsideTargetGroup where no range in force on the day holds the grade."""
    if any(grade in served for served in ranges):
        return
    raise OutsideTargetGroup(
        field="pupil_ref",
        programme=programme,
        grade=grade,
        served=[str(served) for served in ranges],
        day=day.isoformat(),
    )
