"""The ranking as people read it: every column says what it holds, and the lines are drawn.

Points are shown with two decimals and given exactly beside it; nothing is computed from what is
shown.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from services.ngo_grants.application_rules import Application
from services.ngo_grants.domain import Call
from services.ngo_grants.ranking import (
    Correction,
    Place,
    Ranking,
    Reason,
    disagreements,
)
from services.ngo_grants.scoring import Score, exact, shown
from services.ngo_grants.ties import explained
from services.ngo_grants.vocabulary import QUALITY, REJECTION_REASONS, label

COLUMNS = {
    "place": "place among those that reach all minima, from 1",
    "total_points": "sum over criteria of the mean points of the evaluators who count",
    "criteria_points": "mean points of each criterion",
    "evaluators": "number of evaluators whose marks count",
    "proposed_outcome": "what follows from minima, order and quota; the committee decides",
    "decided_by": "what separates this place from the one above",
    "corrected_total_points": "total were harsh and lenient evaluators evened out; not applied",
    "disagreement": "where evaluators lie far apart: total, or criteria",
}


class ReasonView(BaseModel):
    """One reason, with its sentence in both languages."""

    code: str
    criterion: str | None
    needed_points: str | None
    reached_points: str | None
    lv: str
    en: str


class RowView(BaseModel):
    """One application of the ranking."""

    application_id: str
    applicant: str
    title: str
    filed_at: datetime
    place: int | None
    total_points: str | None
    total_exact: str | None
    criteria_points: dict[str, str]
    evaluators: int
    proposed_outcome: str
    reasons: list[ReasonView]
    below: str | None
    decided_by: str | None
    tie_lv: str | None
    tie_en: str | None
    disagreement: list[str]
    corrected_total_points: str | None
    corrected_place: int | None


class CorrectedView(BaseModel):
    """The ranking with harsh and lenient evaluators evened out, beside the one that counts."""

    applied: bool
    winners_would_change: bool
    would_win: list[str]
    would_not_win: list[str]
    leniency_points: dict[str, str]


class LinesView(BaseModel):
    """How many rows stand above the quota line, and above the line of the minima."""

    quota: int
    rows_above_quota_line: int
    rows_above_threshold_line: int
    total_points_min: str
    criteria_points_min: dict[str, str]


class RankingView(BaseModel):
    """The ranking of a call for one viewer."""

    call_id: str
    scope: str
    columns: dict[str, str]
    lines: LinesView
    rows: list[RowView]
    corrected: CorrectedView


def reason_view(
    code: str,
    *,
    criterion: str | None = None,
    needed: str | None = None,
    reached: str | None = None,
) -> ReasonView:
    """A reason with its sentences."""
    words = {word.code: word for word in REJECTION_REASONS}[code]
    filled = {"criterion": criterion, "needed": needed, "reached": reached}
    name = criterion or ""
    return ReasonView(
        code=code,
        criterion=criterion,
        needed_points=needed,
        reached_points=reached,
        lv=words.label_lv.format(**filled, label=label(QUALITY, name)),
        en=words.label_en.format(**filled, label=label(QUALITY, name, "en")),
    )


def reason_of(reason: Reason) -> ReasonView:
    """A shortfall as a reason."""
    return reason_view(
        reason.code,
        criterion=reason.criterion,
        needed=shown(reason.needed),
        reached=shown(reason.reached),
    )


def ranking_view(
    call: Call,
    applications: Mapping[str, Application],
    scores: Mapping[str, Score],
    ranking: Ranking,
    correction: Correction,
    *,
    scope: str,
) -> RankingView:
    """The whole page."""
    corrected_places = {p.application_id: p.place for p in correction.ranking.places}
    rows = [
        _row(call, applications, scores, place, correction, corrected_places)
        for place in ranking.places
    ]
    return RankingView(
        call_id=call.call_id,
        scope=scope,
        columns=COLUMNS,
        lines=_lines(call, ranking),
        rows=rows,
        corrected=_corrected(ranking, correction),
    )


def _lines(call: Call, ranking: Ranking) -> LinesView:
    """The quota line and the line of the minima."""
    criteria = call.rules.criteria
    return LinesView(
        quota=call.quota,
        rows_above_quota_line=ranking.above_quota_line,
        rows_above_threshold_line=ranking.above_threshold_line,
        total_points_min=shown(criteria.total_min),
        criteria_points_min={code: shown(least) for code, least in criteria.minima.items()},
    )


def _row(
    call: Call,
    applications: Mapping[str, Application],
    scores: Mapping[str, Score],
    place: Place,
    correction: Correction,
    corrected_places: Mapping[str, int | None],
) -> RowView:
    """One row."""
    application = applications[place.application_id]
    score = scores.get(place.application_id)
    assert application.submitted_at is not None
    tie = (
        explained(place, applications, scores, call.rules.criteria)
        if place.decided_by
        else (None, None)
    )
    corrected = correction.totals.get(place.application_id)
    return RowView(
        application_id=place.application_id,
        applicant=application.applicant,
        title=application.title,
        filed_at=application.submitted_at,
        place=place.place,
        total_points=shown(score.total) if score else None,
        total_exact=exact(score.total) if score else None,
        criteria_points=_criteria(call, score),
        evaluators=score.evaluators if score else 0,
        proposed_outcome=place.outcome,
        reasons=[reason_of(reason) for reason in place.reasons],
        below=place.below,
        decided_by=place.decided_by,
        tie_lv=tie[0],
        tie_en=tie[1],
        disagreement=_disagreement(call, score),
        corrected_total_points=None if corrected is None else shown(corrected),
        corrected_place=corrected_places.get(place.application_id),
    )


def _criteria(call: Call, score: Score | None) -> dict[str, str]:
    """The mean points of each criterion."""
    if score is None:
        return {}
    codes = call.rules.criteria.codes
    return {code: shown(mean) for code, mean in zip(codes, score.criteria, strict=True)}


def _disagreement(call: Call, score: Score | None) -> list[str]:
    """Where evaluators lie far apart."""
    if score is None:
        return []
    limits = call.rules.disagreement_half_points
    return disagreements(
        score,
        call.rules.criteria,
        total_max_halves=limits["total"],
        criterion_max_halves=limits["criterion"],
    )


def _corrected(ranking: Ranking, correction: Correction) -> CorrectedView:
    """What evening out would change."""
    legal, other = ranking.approved, correction.ranking.approved
    return CorrectedView(
        applied=False,
        winners_would_change=legal != other,
        would_win=sorted(other - legal),
        would_not_win=sorted(legal - other),
        leniency_points={
            evaluator: shown(by) for evaluator, by in sorted(correction.leniency.items())
        },
    )
