"""From scores to a proposed decision: minima, order, explained ties, quota line, reserve.

The order is total (no two applications can stand on one place) and depends on nothing but the
values given: points, then the tie criteria, then the earlier filing, then the application's id.
Source: minima and quota from the published rules; tie order and reserve are our rule, see README.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import lcm

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
    least = _least(criteria)
    failed = {c.application_id: _below(c.score, least) for c in candidates if c.score}
    scored = [c.score for c in candidates if c.score]
    scale = lcm(*(p.denominator for score in scored for p in (score.total, *score.criteria)))
    scale = lcm(scale, *(total.denominator for total in totals.values()))
    keys = {c.application_id: _key(c, tie_at, totals, scale) for c in candidates}
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


_Key = tuple[int | datetime | str, ...]


def _key(
    candidate: Candidate, tie_at: Sequence[int], totals: Mapping[str, Fraction], scale: int
) -> _Key:
    """What an application is ordered by, smallest first; points as whole parts of a scale."""
    score = candidate.score
    points = [0] * (1 + len(tie_at))
    if score is not None:
        total = totals.get(candidate.application_id, score.total)
        exact = (total, *(score.criteria[at] for at in tie_at))
        points = [-p.numerator * (scale // p.denominator) for p in exact]
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


_Least = Sequence[tuple[ReasonCode, str | None, int | None, Fraction]]
"""Each minimum: its reason, its criterion and where that stands (none: the total), the points."""


def _least(criteria: CriteriaSet) -> _Least:
    """The minima of a set: the total first, then criteria in their order."""
    minima = criteria.minima
    single = [
        (ReasonCode.CRITERION_BELOW_MINIMUM, code, at, minima[code])
        for at, code in enumerate(criteria.codes)
        if code in minima
    ]
    return [(ReasonCode.TOTAL_BELOW_MINIMUM, None, None, criteria.total_min), *single]


def _below(score: Score, least: _Least) -> tuple[Reason, ...]:
    """Every minimum the score does not reach."""
    reached = ((*one, score.total if one[2] is None else score.criteria[one[2]]) for one in least)
    return tuple(
        Reason(code, criterion, needed, points)
        for code, criterion, _, needed, points in reached
        if points < needed
    )


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
        (s.application_id, s.evaluator, weighted(s.half_points, weights))
        for s in sheets
        if s.application_id in wanted
    ]
    leniency, totals = _evened(given)
    ranking = _rank(list(wanted.values()), criteria, quota=quota, totals=totals)
    return Correction(leniency, totals, ranking)


def _evened(
    given: Sequence[tuple[str, str, int]],
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Leniency by evaluator and corrected totals by application, from totals in half points.

    Sums are kept as integers over common denominators; fractions are made at the end.
    """
    sums: Counter[str] = Counter()
    for key, _, total in given:
        sums[key] += total
    sheets_of = Counter(key for key, _, _ in given)
    given_by = Counter(evaluator for _, evaluator, _ in given)
    mean_scale, by_scale = lcm(*sheets_of.values()), lcm(*given_by.values())
    apart: Counter[str] = Counter()
    for key, evaluator, total in given:
        apart[evaluator] += total * mean_scale - sums[key] * (mean_scale // sheets_of[key])
    lenient = {e: by * (by_scale // given_by[e]) for e, by in apart.items()}
    scale = HALVES * mean_scale * by_scale
    taken: Counter[str] = Counter()
    for key, evaluator, _ in given:
        taken[key] += lenient[evaluator]
    return (
        {evaluator: Fraction(by, scale) for evaluator, by in lenient.items()},
        {
            key: Fraction(sums[key] * mean_scale * by_scale - taken[key], scale * count)
            for key, count in sheets_of.items()
        },
    )


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
