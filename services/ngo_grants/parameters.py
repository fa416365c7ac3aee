"""The parameters of youth project calls and the values they start with."""

from services.ngo_grants.vocabulary import QUALITY
from shared.parameters import OUR_RULE, ParameterSpec

PUBLISHED = "published rules of the youth project calls"
NEIGHBOUR = "rule of the neighbouring state youth programme, our default"
GRANT_CENTS = 460_000

SPECS = (
    ParameterSpec("grant_cents", GRANT_CENTS, PUBLISHED, "lump sum of a project, euro cents"),
    ParameterSpec("call_window_days", 30, PUBLISHED, "shortest window for applications, days"),
    ParameterSpec("evaluation_window_days", 30, PUBLISHED, "days from the last day to decision"),
    ParameterSpec("duration_months", {"min": 3, "max": 18}, PUBLISHED, "length of a project"),
    ParameterSpec(
        "points",
        {"max": 50, "total_min": 30, "criterion_min": 3},
        PUBLISHED,
        "most points, least total, least in a mandatory criterion",
    ),
    ParameterSpec(
        "mandatory_criteria", ["2.2", "2.4.1", "2.4.3"], PUBLISHED, "criteria with a minimum"
    ),
    ParameterSpec(
        "tie_order",
        ["2.2", "2.4.1", "2.4.3"],
        OUR_RULE,
        "criteria that break a tie, in order; then the earlier filing, then the id",
    ),
    ParameterSpec("evaluators_quorum", 3, OUR_RULE, "least evaluators without conflict"),
    ParameterSpec(
        "criteria_set",
        {
            "version": "our-1",
            "leaves": [{"code": entry.code, "weight": 1} for entry in QUALITY],
        },
        OUR_RULE,
        "quality criteria and weights; names and single points of the official ones are unknown",
    ),
    ParameterSpec(
        "instalment_shares",
        [{"permille": 900, "after": "contract"}, {"permille": 100, "after": "acceptance"}],
        NEIGHBOUR,
        "parts of the lump sum, permille, and what each waits for",
    ),
    ParameterSpec(
        "instalment_working_days",
        {"contract": 10, "acceptance": 30},
        NEIGHBOUR,
        "working days within which an instalment is due",
    ),
    ParameterSpec(
        "risk_share_permille_min",
        0,
        OUR_RULE,
        "least share of young people at risk; the recommended number is unknown",
    ),
    ParameterSpec(
        "result_rule",
        {"full_from_permille": 1000, "nothing_below_permille": 500},
        OUR_RULE,
        "share of the planned result from which all, and below which nothing is earned",
    ),
    ParameterSpec(
        "ngo_words_max",
        {
            "title": 20,
            "youth_role.idea": 400,
            "youth_role.planning": 400,
            "youth_role.running": 400,
            "plan_link": 400,
            "expected_results": 600,
            "publicity": 300,
        },
        OUR_RULE,
        "most words of each text of the form",
    ),
    ParameterSpec("ngo_attachments", [], OUR_RULE, "papers an application must bring"),
    ParameterSpec(
        "disagreement_half_points",
        {"total": 20, "criterion": 4},
        OUR_RULE,
        "spread of evaluators from which they should talk, half points",
    ),
    ParameterSpec("appeal_days", 30, OUR_RULE, "days for an appeal after the decision"),
    ParameterSpec(
        "pupils_per_project",
        None,
        OUR_RULE,
        "pupils of grades 5-12 and courses 1-4 behind one project; the formula is unknown",
    ),
    ParameterSpec(
        "ngo_applicants_selected_by",
        "municipality_open_competition",
        PUBLISHED,
        "who selects the applicants; may differ by place",
    ),
    ParameterSpec(
        "ngo_retention_years",
        5,
        OUR_RULE,
        "years after the end of the decision's year until names and papers are erased",
    ),
)
