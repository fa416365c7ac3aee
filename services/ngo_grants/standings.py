"""How a call stands for one viewer: everything the ranking needs, read in a few statements.

A member of the committee gets the call without the applications they have an interest in; what is
left is computed as if those did not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import application_rows, committee_rows, mark_rows
from services.ngo_grants.application_rules import Application, State
from services.ngo_grants.committee_rules import Committee
from services.ngo_grants.domain import Call
from services.ngo_grants.ranking import Candidate, Correction, Ranking, corrected, rank
from services.ngo_grants.ranking_view import RankingView, ranking_view
from services.ngo_grants.scoring import Score, Sheet, scores

RANKED = (
    State.ADMISSIBLE,
    State.CLARIFICATION,
    State.SCORED,
    State.APPROVED,
    State.RESERVE,
    State.REJECTED,
    State.CONTRACTED,
    State.RUNNING,
    State.REPORTED,
    State.ACCEPTED,
    State.RECOVERY,
    State.RECOVERED,
)
EVERYTHING = "all applications of the call that take part"
YOURS = "the applications of the call that you evaluate"


@dataclass(frozen=True, slots=True)
class Standing:
    """A call with what takes part, for one viewer (None sees all)."""

    call: Call
    committee: Committee
    viewer: str | None
    applications: Mapping[str, Application]
    sheets: tuple[Sheet, ...]
    half_filled: frozenset[tuple[str, str]]
    scores: Mapping[str, Score]

    @property
    def candidates(self) -> list[Candidate]:
        """What takes part, with scores."""
        found = []
        for application in self.applications.values():
            assert application.submitted_at is not None
            score = self.scores.get(application.application_id)
            found.append(Candidate(application.application_id, application.submitted_at, score))
        return found

    @property
    def evaluators(self) -> dict[str, int]:
        """How many evaluators count for each application."""
        return {
            key: self.scores[key].evaluators if key in self.scores else 0
            for key in self.applications
        }

    def ranking(self) -> Ranking:
        """The ranking that counts."""
        return rank(self.candidates, self.call.rules.criteria, quota=self.call.quota)

    def correction(self) -> Correction:
        """The corrected ranking, to be shown beside."""
        criteria = self.call.rules.criteria
        return corrected(self.candidates, self.sheets, criteria, quota=self.call.quota)

    def view(self) -> RankingView:
        """The page."""
        return ranking_view(
            self.call,
            self.applications,
            self.scores,
            self.ranking(),
            self.correction(),
            scope=EVERYTHING if self.viewer is None else YOURS,
        )


async def standing(
    session: AsyncSession, call: Call, committee: Committee, *, viewer: str | None, lock: bool
) -> Standing:
    """Read how a call stands; `lock` keeps the applications for a decision."""
    present = await application_rows.of_call(session, call.call_id, RANKED, lock=lock)
    seen = set(committee.seen_by((a.application_id for a in present), viewer))
    applications = {a.application_id: a for a in present if a.application_id in seen}
    criteria = call.rules.criteria
    every = await mark_rows.sheets(session, call.call_id, criteria.codes)
    counting = [s for s in committee.counting(every) if s.application_id in seen]
    whole = tuple(s for s in counting if len(s.half_points) == len(criteria.leaves))
    partial = (s for s in counting if len(s.half_points) != len(criteria.leaves))
    return Standing(
        call=call,
        committee=committee,
        viewer=viewer,
        applications=applications,
        sheets=whole,
        half_filled=frozenset((s.application_id, s.evaluator) for s in partial),
        scores=scores(whole, criteria),
    )


async def committee_and_viewer(
    session: AsyncSession, call: Call, subject: str
) -> tuple[Committee, str | None]:
    """The committee, and the person as a viewer: members see less, whatever else they are."""
    committee = await committee_rows.committee_of(session, call.call_id)
    return committee, subject if subject in committee.members else None
