"""The parameters that plans owns, with their first values and where these come from.

Values said on the programme's public pages hold from its first month; what nobody published is
our rule until the state's officers set another.
"""

from datetime import date

from shared.parameters import OUR_RULE, ParameterSpec

FIRST_DAY = date(2017, 3, 1)
REZEKNE_PAGE = "page of the city of Rēzekne on the programme, 2018"
PREILI_PAGE = "page of a basic school in Preiļi on the programme"
SCHOOL_PAGE = "page of a state vocational school on the programme"
FAQ = "the programme office's questions and answers"

PARAMETERS = (
    ParameterSpec(
        "plan_period",
        "semester",
        PREILI_PAGE,
        "how long one plan lasts: made at the beginning of the semester, for that semester",
        FIRST_DAY,
    ),
    ParameterSpec(
        "plan_content",
        ["risks_assessed", "measures_to_reduce_them"],
        PREILI_PAGE,
        "what a plan must hold: without a risk or without a measure it is refused",
        FIRST_DAY,
    ),
    ParameterSpec(
        "plan_for_every_involved_pupil",
        True,
        PREILI_PAGE,
        "who is involved has a plan; the definition behind the count of involved pupils",
        FIRST_DAY,
    ),
    ParameterSpec(
        "plan_preparer_kinds",
        ["teacher", "psychologist"],
        SCHOOL_PAGE,
        "kinds of staff whose grant to prepare plans counts; a place may have a wider list",
        FIRST_DAY,
    ),
    ParameterSpec(
        "plan_continuation",
        {"revise": True, "continue_in_next_semesters": True, "until": "project_end"},
        REZEKNE_PAGE,
        "a plan may be revised and carried on from semester to semester, at most to the end",
        FIRST_DAY,
    ),
    ParameterSpec(
        "support_channel",
        "municipality",
        PREILI_PAGE,
        "through whom support reaches the pupil; a state vocational school is its own partner",
        FIRST_DAY,
    ),
    ParameterSpec(
        "support_needs_risk",
        True,
        SCHOOL_PAGE,
        "money alone is not the aim: each compensation hangs on a risk of the plan",
        FIRST_DAY,
    ),
    ParameterSpec(
        "preparation_hours_max",
        6,
        FAQ,
        "hours of preparing, watching and evaluating a plan, all preparers together",
        FIRST_DAY,
    ),
    ParameterSpec(
        "preparation_hour_cents",
        800,
        OUR_RULE,
        "cents for an hour of preparation; the programme's unit cost was not published",
        FIRST_DAY,
    ),
    ParameterSpec(
        "confirmation_tolerance_days",
        1,
        FAQ,
        "days after a consultation on which the pupil may still confirm it",
        FIRST_DAY,
    ),
    ParameterSpec(
        "minor_change_rule",
        "full_chain",
        OUR_RULE,
        "full_chain: every correction goes through all levels; head_only: a change that costs "
        "no cent more and brings no new support, risk or day goes to the head alone",
        FIRST_DAY,
    ),
)

NAMES = (
    *(spec.name for spec in PARAMETERS),
    "place_start",
    "project_end",
)
"""What the rulebook reads: its own and the two that identification tells."""
