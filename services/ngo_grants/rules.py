"""The rules a call is announced with: a copy of the programme's parameters of that day.

The copy keeps anything from changing under those who apply. Source: published rules of the calls
(window, duration, grant, points); what is marked "our rule" in the parameters is ours.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.ngo_grants.scoring import HALVES, CriteriaSet
from services.ngo_grants.vocabulary import QUALITY

PERMILLE = 1_000
CRITERION_HALF_POINTS_MAX = 10
NAMES = (
    "appeal_days",
    "call_window_days",
    "criteria_set",
    "disagreement_half_points",
    "duration_months",
    "evaluation_window_days",
    "evaluators_quorum",
    "grant_cents",
    "instalment_shares",
    "instalment_working_days",
    "mandatory_criteria",
    "ngo_applicants_selected_by",
    "ngo_attachments",
    "ngo_words_max",
    "points",
    "pupils_per_project",
    "result_rule",
    "risk_share_permille_min",
    "tie_order",
)
"""The parameters a call copies."""


class Share(BaseModel):
    """One instalment of the lump sum: its share and what it waits for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    permille: int = Field(ge=0, le=PERMILLE)
    after: Literal["contract", "acceptance"]


class Rules(BaseModel):
    """Everything a call promises to those who apply, copied from the parameters of its day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grant_cents: int = Field(gt=0)
    call_window_days: int = Field(ge=1)
    evaluation_window_days: int = Field(ge=1)
    months_min: int = Field(ge=1)
    months_max: int = Field(ge=1)
    quorum: int = Field(ge=1)
    criteria: CriteriaSet
    instalments: tuple[Share, ...] = Field(min_length=1)
    pay_within_working_days: Mapping[Literal["contract", "acceptance"], int]
    risk_share_permille_min: int = Field(ge=0, le=PERMILLE)
    result_full_from_permille: int = Field(ge=1, le=PERMILLE)
    result_nothing_below_permille: int = Field(ge=0, le=PERMILLE)
    words_max: Mapping[str, int]
    attachments: tuple[str, ...] = ()
    disagreement_half_points: Mapping[Literal["total", "criterion"], int]
    appeal_days: int = Field(ge=1)
    pupils_per_project: int | None = Field(default=None, ge=1)
    programme_end: date | None = None
    selected_by: str

    @model_validator(mode="after")
    def _hangs_together(self) -> "Rules":
        """Shares add up to the whole, the shortest duration is not above the longest."""
        if sum(share.permille for share in self.instalments) != PERMILLE:
            raise ValueError("the shares of the instalments do not add up to the whole")
        if self.months_min > self.months_max:
            raise ValueError("the shortest duration is above the longest")
        return self


def rules_of(value: Mapping[str, Any], *, programme_end: date | None) -> Rules:
    """The rules of a call from the parameters in force; raises ValueError where they contradict."""
    return Rules(
        grant_cents=value["grant_cents"],
        call_window_days=value["call_window_days"],
        evaluation_window_days=value["evaluation_window_days"],
        months_min=value["duration_months"]["min"],
        months_max=value["duration_months"]["max"],
        quorum=value["evaluators_quorum"],
        criteria=_criteria(value),
        instalments=value["instalment_shares"],
        pay_within_working_days=value["instalment_working_days"],
        risk_share_permille_min=value["risk_share_permille_min"],
        result_full_from_permille=value["result_rule"]["full_from_permille"],
        result_nothing_below_permille=value["result_rule"]["nothing_below_permille"],
        words_max=value["ngo_words_max"],
        attachments=tuple(value["ngo_attachments"]),
        disagreement_half_points=value["disagreement_half_points"],
        appeal_days=value["appeal_days"],
        pupils_per_project=value["pupils_per_project"],
        programme_end=programme_end,
        selected_by=value["ngo_applicants_selected_by"],
    )


def _criteria(value: Mapping[str, Any]) -> Any:
    """The set of criteria with its minima and labels, as pydantic reads it."""
    labels = {entry.code: entry for entry in QUALITY}
    least = value["points"]["criterion_min"] * HALVES
    mandatory = frozenset(value["mandatory_criteria"])
    leaves = [
        {
            "label_lv": labels[leaf["code"]].label_lv if leaf["code"] in labels else leaf["code"],
            "label_en": labels[leaf["code"]].label_en if leaf["code"] in labels else leaf["code"],
            "half_points_max": CRITERION_HALF_POINTS_MAX,
            "half_points_min": least if leaf["code"] in mandatory else None,
            **leaf,
        }
        for leaf in value["criteria_set"]["leaves"]
    ]
    return {
        "version": value["criteria_set"]["version"],
        "leaves": leaves,
        "points_max": value["points"]["max"],
        "points_total_min": value["points"]["total_min"],
        "tie_order": value["tie_order"],
    }
