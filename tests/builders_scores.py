"""Scores for tests of the youth project calls: a set of criteria, sheets, candidates."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from services.ngo_grants.parameters import SPECS
from services.ngo_grants.ranking import Candidate
from services.ngo_grants.rules import Rules, rules_of
from services.ngo_grants.scoring import CriteriaSet, Sheet, scores

FIRST_DAY = datetime(2020, 3, 2, 9, tzinfo=UTC)
MEANT = {spec.name: spec.value for spec in SPECS}


def the_rules(**changed: object) -> Rules:
    """The rules of a call under the parameters every service starts with, some changed."""
    return rules_of({**MEANT, **changed}, programme_end=date(2022, 12, 31))


RULES = the_rules()
CRITERIA: CriteriaSet = RULES.criteria


def a_sheet(application_id: str, evaluator: str, marks: Mapping[str, int] | int) -> Sheet:
    """Half points by criterion, the same everywhere, or 10 where nothing is said."""
    if isinstance(marks, int):
        return Sheet(application_id, evaluator, (marks,) * len(CRITERIA.leaves))
    return Sheet(application_id, evaluator, tuple(marks.get(c, 10) for c in CRITERIA.codes))


def candidates(
    sheets: Sequence[Sheet], *, filed: Sequence[str] = (), hours: Mapping[str, int] | None = None
) -> list[Candidate]:
    """One candidate for each application with sheets, filed in the order given or together."""
    found = scores(sheets, CRITERIA)
    names = sorted({*found, *filed})
    late = hours or {}
    return [
        Candidate(name, FIRST_DAY + timedelta(hours=late.get(name, 0)), found.get(name))
        for name in names
    ]
