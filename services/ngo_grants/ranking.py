"""From scores to a proposed decision: minima, order, explained ties, quota line, reserve.

The order is total (no two applications can stand on one place) and depends on nothing but the
values given: points, then the tie criteria, then the earlier filing, then the application's id.
Source: minima and quota from the published rules; tie order and reserve are our rule, see README.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from services.ngo_grants.scoring import HALVES, CriteriaSet, Score, Sheet, weighted

BY_TOTAL = "total"
BY_FILING = "filed_at"
BY_ID = "application_id"


class Outcome(StrEnum):
    """What the ranking proposes for an application."""

    APPROVED = "approved"
    RESERVE = "reserve"
    REJECTED = "rejected"
    NOT_SCORED = "not_scored"


class ReasonCode(StrEnum):
    """Why an application does not pass."""

    TOTAL_BELOW_MINIMUM = "total-below-minimum"
    CRITERION_BELOW_MINIMUM = "criterion-below-minimum"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application that takes part: who and when it was filed; its score, if it has one."""

    application_id: str
    filed_at: datetime
    score: Score | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One minimum that was not reached: points needed and reached."""

    code: ReasonCode
    criterion: str | None
    needed: Fraction
    reached: Fraction


@dataclass(frozen=True, slots=True)
class Place:
    """Where an application stands; `place` counts those that pass, from 1.

    `below` is the one just above among those that pass, `decided_by` what separates the two:
    `total`, a criterion's code, `filed_at` or `application_id`.
    """

    application_id: str
    place: int | None
    outcome: Outcome
    reasons: tuple[Reason, ...]
    below: str | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """All applications, those that pass first, with the lines drawn: how many stand above each."""

    places: tuple[Place, ...]
    above_quota_line: int
    above_threshold_line: int

    @property
    def approved(self) -> frozenset[str]:
        """The applications above the quota line."""
        return frozenset(p.application_id for p in self.places[: self.above_quota_line])


def rank(candidates: Iterable[Candidate], criteria: CriteriaSet, *, quota: int) -> Ranking:
    """Best first, up to the quota; the rest above the minima is the reserve, in order."""
    return _rank(list(candidates), criteria, quota=quota, totals={})


def _rank(
    candidates: Sequence[Candidate],
    criteria: CriteriaSet,
    *,
    quota: int,
    totals: Mapping[str, Fraction],
) -> Ranking:
    """Rank, by other totals where some are given; minima always look at the legal scores."""
    tie_at = [criteria.codes.index(code) for code in criteria.tie_order]
    failed = {c.application_id: shortfalls(c.score, criteria) for c in candidates if c.score}
    keys = {c.application_id: _key(c, tie_at, totals) for c in candidates}
    ordered = sorted(candidates, key=lambda c: keys[c.application_id])
    passing = [c for c in ordered if c.score and not failed[c.application_id]]
    failing = [c for c in ordered if c.score and failed[c.application_id]]
    unscored = [c for c in ordered if c.score is None]
    names = (BY_TOTAL, *criteria.tie_order, BY_FILING, BY_ID)
    places = [
        _passing(n, c, above, quota, keys, names)
        for n, (c, above) in enumerate(zip(passing, [None, *passing], strict=False), start=1)
    ]
    places += [
        Place(c.application_id, None, Outcome.REJECTED, failed[c.application_id], None, None)
        for c in failing
    ]
    places += [Place(c.application_id, None, Outcome.NOT_SCORED, (), None, None) for c in unscored]
    return Ranking(tuple(places), min(quota, len(passing)), len(passing))


_Key = tuple[Fraction | datetime | str, ...]


def _key(candidate: Candidate, tie_at: Sequence[int], totals: Mapping[str, Fraction]) -> _Key:
    """What an application is ordered by, smallest first."""
    score = candidate.score
    if score is None:
        points = [Fraction()] * (1 + len(tie_at))
    else:
        total = totals.get(candidate.application_id, score.total)
        points = [-total, *(-score.criteria[at] for at in tie_at)]
    return (*points, candidate.filed_at, candidate.application_id)


def _passing(
    place: int,
    candidate: Candidate,
    above: Candidate | None,
    quota: int,
    keys: Mapping[str, _Key],
    names: Sequence[str],
) -> Place:
    """A place among those that pass, with what separates it from the one above."""
    outcome = Outcome.APPROVED if place <= quota else Outcome.RESERVE
    if above is None:
        return Place(candidate.application_id, place, outcome, (), None, None)
    pair = zip(keys[above.application_id], keys[candidate.application_id], names, strict=True)
    decided_by = next(name for upper, lower, name in pair if upper != lower)
    return Place(candidate.application_id, place, outcome, (), above.application_id, decided_by)


def shortfalls(score: Score, criteria: CriteriaSet) -> tuple[Reason, ...]:
    """Every minimum the score does not reach: the total first, then criteria in their order."""
    found = []
    needed = criteria.total_min
    if score.total < needed:
        found.append(Reason(ReasonCode.TOTAL_BELOW_MINIMUM, None, needed, score.total))
    least = criteria.minima
    for code, reached in zip(criteria.codes, score.criteria, strict=True):
        if code in least and reached < least[code]:
            found.append(Reason(ReasonCode.CRITERION_BELOW_MINIMUM, code, least[code], reached))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Correction:
    """What the ranking would be were harsh and lenient evaluators evened out; shown, not applied.

    `leniency` is by how many points an evaluator's totals lie above the mean of the same
    applications; `totals` are the means of totals less leniency.
    """

    leniency: Mapping[str, Fraction]
    totals: Mapping[str, Fraction]
    ranking: Ranking


def corrected(
    candidates: Iterable[Candidate],
    sheets: Sequence[Sheet],
    criteria: CriteriaSet,
    *,
    quota: int,
) -> Correction:
    """Rank by corrected totals; who passes is still decided by the legal scores."""
    wanted = {c.application_id: c for c in candidates}
    weights = [leaf.weight for leaf in criteria.leaves]
    given = [
        (s.application_id, s.evaluator, Fraction(weighted(s.half_points, weights), HALVES))
        for s in sheets
        if s.application_id in wanted
    ]
    means = {key: c.score.total for key, c in wanted.items() if c.score is not None}
    leniency = _means((evaluator, total - means[key]) for key, evaluator, total in given)
    totals = _means((key, total - leniency[evaluator]) for key, evaluator, total in given)
    ranking = _rank(list(wanted.values()), criteria, quota=quota, totals=totals)
    return Correction(leniency, totals, ranking)


def _means(pairs: Iterable[tuple[str, Fraction]]) -> dict[str, Fraction]:
    """The exact mean of the values of each key."""
    sums: dict[str, list[Fraction]] = {}
    for key, value in pairs:
        sums.setdefault(key, []).append(value)
    return {key: sum(values, Fraction()) / len(values) for key, values in sums.items()}


def disagreements(
    score: Score, criteria: CriteriaSet, *, total_max_halves: int, criterion_max_halves: int
) -> list[str]:
    """Where evaluators lie so far apart that they should talk: `total` and criteria's codes."""
    found = [BY_TOTAL] if score.total_spread_halves >= total_max_halves else []
    found += [
        code
        for code, spread in zip(criteria.codes, score.criteria_spread_halves, strict=True)
        if spread >= criterion_max_halves
    ]
    return found
