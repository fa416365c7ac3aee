"""A plan as anybody could keep it by hand, beside what payments keeps of it."""

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class APlan:
    """Its versions with the days they are in force and their measures."""

    plan_id: str
    pupil_ref: str
    office: str
    version: int = 0
    days: dict[int, tuple[date, date]] = field(default_factory=dict)
    measures: dict[int, frozenset[str]] = field(default_factory=dict)
    deleted: bool = False

    def end(self, day: date) -> None:
        """Nothing from this day on is in force."""
        for number, (first, last) in self.days.items():
            self.days[number] = first, min(last, day - timedelta(days=1))

    def allows(self, day: date, measure_id: str) -> bool:
        """Whether the measure may be delivered on a day."""
        in_force = [n for n, (first, last) in self.days.items() if first <= day <= last]
        return not self.deleted and any(measure_id in self.measures[n] for n in in_force)
