"""Why one application stands below another with the same total, in both languages."""

from collections.abc import Mapping

from services.ngo_grants.application_rules import Application
from services.ngo_grants.ranking import BY_FILING, BY_ID, BY_TOTAL, Place
from services.ngo_grants.scoring import CriteriaSet, Score, shown

Sentences = tuple[str, str] | tuple[None, None]


def explained(
    place: Place,
    applications: Mapping[str, Application],
    scores: Mapping[str, Score],
    criteria: CriteriaSet,
) -> Sentences:
    """The sentence in Latvian and in English; none where the totals differ or nothing is above."""
    by, above, this = place.decided_by, place.below, place.application_id
    if by is None or above is None or by == BY_TOTAL:
        return None, None
    total = shown(scores[this].total)
    if by == BY_FILING:
        return _by_filing(applications[above], applications[this], total)
    if by == BY_ID:
        return (
            f"Vienāds punktu skaits ({total}) un iesniegšanas laiks; secību nosaka numurs.",
            f"Equal total ({total}) and filing time; the order is that of the ids.",
        )
    at = criteria.codes.index(by)
    upper, lower = shown(scores[above].criteria[at]), shown(scores[this].criteria[at])
    lv = f"Vienāds punktu skaits ({total}); kritērijā {by} {above} ir {upper}, šim {lower}."
    en = f"Equal total ({total}); in criterion {by} {above} has {upper}, this one {lower}."
    return lv, en


def _by_filing(above: Application, this: Application, total: str) -> Sentences:
    """The earlier filing stands above."""
    assert above.submitted_at is not None and this.submitted_at is not None
    times = f"{above.submitted_at.isoformat()} < {this.submitted_at.isoformat()}"
    return (
        f"Vienāds punktu skaits ({total}); {above.application_id} iesniegts agrāk: {times}.",
        f"Equal total ({total}); {above.application_id} was filed earlier: {times}.",
    )
