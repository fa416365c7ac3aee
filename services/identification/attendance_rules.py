"""The rule that signals a pupil by unexcused absence, and how it explains itself.

The number of lessons and whether it must be passed or only reached are the parameter
`absence_rule`: {"version": 1, "threshold": 20, "comparator": "at_least"}.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.errors import Invalid, NotFound, Refused

RULE_ID = "unexcused-lessons"
PARAMETER = "absence_rule"


class NotAnAbsenceRule(Invalid):
    """The absence rule has a version, a threshold and a comparator at_least or more_than."""

    code = "not-an-absence-rule"


class UnknownSignal(NotFound):
    """There is no signal of this id."""

    code = "unknown-signal"


class SignalClosed(Refused):
    """Somebody looked at this signal already."""

    code = "signal-closed"


class SignalState(StrEnum):
    """Where a signal stands; only one of a pupil and semester is open."""

    OPEN = "open"
    CLEARED = "cleared"
    DISMISSED = "dismissed"
    ANSWERED = "answered"


@dataclass(frozen=True)
class AbsenceRule:
    """A version of the rule with its figures, in lessons of a semester."""

    version: int
    threshold: int
    comparator: str

    def signals(self, lessons_unexcused: int | None) -> bool:
        """Whether so many lessons signal a pupil; no data never does."""
        if lessons_unexcused is None:
            return False
        if self.comparator == "more_than":
            return lessons_unexcused > self.threshold
        return lessons_unexcused >= self.threshold


def read_rule(value: Any) -> AbsenceRule:
    """The rule of a parameter's value; raises NotAnAbsenceRule."""
    if not isinstance(value, Mapping):
        raise NotAnAbsenceRule(field="value")
    version, threshold = value.get("version"), value.get("threshold")
    comparator = value.get("comparator")
    if not isinstance(version, int) or not isinstance(threshold, int) or threshold < 1:
        raise NotAnAbsenceRule(field="value")
    if comparator not in ("at_least", "more_than"):
        raise NotAnAbsenceRule(field="value")
    return AbsenceRule(version, threshold, comparator)


_WORDS = {"at_least": ("vismaz", "at least"), "more_than": ("vairāk nekā", "more than")}


def explain(rule: AbsenceRule, lessons_unexcused: int) -> dict[str, str]:
    """Why the rule signals, and what would clear it, in Latvian and English."""
    word_lv, word_en = _WORDS[rule.comparator]
    fewer = rule.threshold if rule.comparator == "at_least" else rule.threshold + 1
    return {
        "why_lv": f"Semestrī neattaisnoti kavētas {lessons_unexcused} mācību stundas; "
        f"signāls rodas, ja tādu ir {word_lv} {rule.threshold}.",
        "why_en": f"{lessons_unexcused} lessons missed without excuse in the semester; "
        f"the signal comes at {word_en} {rule.threshold}.",
        "clears_lv": f"Ja pēc attaisnojošiem dokumentiem paliek mazāk par {fewer}, "
        "vai cilvēks signālu noraida ar pamatojumu.",
        "clears_en": f"Fewer than {fewer} after excuses are entered, "
        "or a person dismisses the signal with a reason.",
    }
