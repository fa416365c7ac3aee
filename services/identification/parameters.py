"""Parameters identification owns and the values a new database starts with.

Values are facts of the programme's public pages where the source says so; everything may be
changed through `PUT /parameters`, from a day on, by a named person.
"""

from datetime import date

from shared.parameters import OUR_RULE, ParameterSpec

START = date(2017, 3, 1)
PAGES = "public pages of the programme"
FIRST_GRADES = date(2021, 9, 1)

PARAMETERS = (
    ParameterSpec(
        "programme_number",
        "8.3.4.0/16/I/001",
        PAGES,
        "Number of the project; compared without white space, kept as received.",
    ),
    ParameterSpec(
        "programme_title",
        "Atbalsts priekšlaicīgas mācību pārtraukšanas samazināšanai",
        PAGES,
        "Full title in Latvian.",
    ),
    ParameterSpec("programme_short_name", "PuMPuRS", PAGES, "Short name, compared without case."),
    ParameterSpec("specific_objective", "8.3.4.", PAGES, "Specific objective of the programme."),
    ParameterSpec(
        "operational_programme", "Izaugsme un nodarbinātība", PAGES, "Operational programme."
    ),
    ParameterSpec("fund", "European Social Fund", PAGES, "Fund that pays the larger part."),
    ParameterSpec("implementer", "ikvd", PAGES, "Who runs the programme, a code of organisation."),
    ParameterSpec(
        "programme_website", "http://www.pumpurs.lv", PAGES, "Where the public reads about it."
    ),
    ParameterSpec("project_start", "2017-03", PAGES, "First month of the programme."),
    ParameterSpec(
        "project_end",
        "2022-12-31",
        "the one page with a full date; the pages do not agree",
        "Last day; nothing is planned or paid after it.",
    ),
    ParameterSpec(
        "grades",
        [{"from": 5, "to": 12}],
        PAGES,
        "Grades of general education that the programme serves: a range or a list of ranges.",
        valid_from=START,
        valid_to=date(2021, 8, 31),
    ),
    ParameterSpec(
        "grades",
        [{"from": 1, "to": 4}, {"from": 5, "to": 12}],
        PAGES,
        "Grades of general education that the programme serves: a range or a list of ranges.",
        valid_from=FIRST_GRADES,
    ),
    ParameterSpec(
        "vet_courses",
        [{"from": 1, "to": 4}],
        PAGES,
        "Courses of vocational programmes that the programme serves.",
        valid_from=START,
    ),
    ParameterSpec(
        "place_start",
        "2017-03-01",
        OUR_RULE,
        "No plan of a place starts earlier; set it per school or partner.",
    ),
    ParameterSpec(
        "place_semester_period",
        None,
        OUR_RULE,
        "A place's own part of a semester, from and to; the calendar of the school holds it too.",
    ),
    ParameterSpec(
        "absence_rule",
        {"version": 1, "threshold": 20, "comparator": "at_least"},
        "Cabinet Regulation 89 of 01.02.2011; sources differ on at_least and more_than",
        "Unexcused lessons of a semester that signal a pupil; give each change a new version.",
    ),
    ParameterSpec(
        "excuse_days_max",
        3,
        "local practice",
        "Days after the return within which an excuse is due.",
    ),
    ParameterSpec(
        "retention_years_after_leaving",
        10,
        OUR_RULE,
        "Years after which a pupil who left is erased; no official figure is public.",
    ),
)
