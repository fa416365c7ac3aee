"""Everything kept about one pupil, and how the counts change when a part of it does. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.reporting.domain import Cell, Place
from services.reporting.membership import Changes, Evidence, Territories, change, touched
from services.reporting.plan_files import Item, PlanFile, item_of, sums_of
from shared.contracts.identification import PupilCleared, PupilNamed

AT_RISK = "pupils_at_risk|"


@dataclass
class PupilCase:
    """One pupil: the number of the last fact of identification, arrivals, namings, plans.

    A naming is by semester: place, day and cuts.
    """

    pupil_ref: str
    version: int = 0
    arrivals: list[str] = field(default_factory=list)
    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, PlanFile] = field(default_factory=dict)

    def named_by(self, fact: PupilNamed) -> None:
        """A second person confirmed that the pupil is at risk."""
        groups = sorted(f"risk_group={group.value}" for group in fact.risk_groups)
        self.named[fact.semester] = {
            "place": [fact.school_id, fact.partner, fact.municipality_id],
            "on": fact.named_on.isoformat(),
            "cuts": [f"programme={fact.programme.value}", f"grade={fact.grade}", *groups],
        }

    def cleared_by(self, fact: PupilCleared) -> None:
        """The pupil is no longer at risk in a semester."""
        self.named.pop(fact.semester, None)


def naming_item(semester: str, naming: Mapping[str, Any], *, as_of: str = "9999") -> Item:
    """What a naming makes count."""
    facets = {}
    if naming["on"] <= as_of:
        facets = {AT_RISK + cut: naming["on"] for cut in ("", *naming["cuts"])}
    return Item(Place(*naming["place"]), semester, facets, {})


def evidence_of(case: PupilCase, *, as_of: str = "9999") -> Evidence:
    """Everything about the pupil that makes something count, of what was true by a day."""
    items = {name: item_of(file, as_of=as_of) for name, file in case.files.items()}
    for semester, naming in case.named.items():
        items[semester] = naming_item(semester, naming, as_of=as_of)
    return Evidence(items, case.arrivals)


def whole_change(
    case: PupilCase, before: Evidence, territories: Territories, *, into: Changes
) -> None:
    """How the counts change against earlier evidence."""
    change(before, evidence_of(case), territories, into=into)


def files_change(
    case: PupilCase, before: Mapping[str, Item], territories: Territories, *, into: Changes
) -> None:
    """How the counts change when these plans were others before; looks no further than needed.

    What changed only inside a month can meet plans of the same semester only.
    """
    after = {name: item_of(case.files[name]) for name in before}
    if len(case.files) == len(before):
        then, now = Evidence(before, case.arrivals), Evidence(after, case.arrivals)
        change(then, now, territories, into=into)
        return
    only = touched(Evidence(before), Evidence(after))
    semesters = {item.semester for item in after.values()}
    wide = any(isinstance(facet, str) for facet in only)
    others = {
        name: item_of(file)
        for name, file in case.files.items()
        if only and name not in before and (wide or file.semester in semesters)
    }
    then = Evidence({**others, **before}, case.arrivals)
    change(then, Evidence({**others, **after}, case.arrivals), territories, into=into)


def all_sums(files: Iterable[PlanFile]) -> Counter[Cell]:
    """What plans add to measures that add up."""
    total: Counter[Cell] = Counter()
    for file in files:
        total.update(sums_of(file))
    return total
