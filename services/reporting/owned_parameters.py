"""Parameters reporting owns: targets, who counts as pedagogue, how small a group is hidden."""

from datetime import date

from shared.parameters import ParameterSpec

START = date(2017, 3, 1)
_TARGET = "Institutions that shall take part."
_IN_FORCE = "Municipalities in force, the base of the share that shall take part."

PARAMETERS = (
    ParameterSpec(
        "small_group_min",
        5,
        "our rule, domain rule R-4",
        "Groups below this are hidden in public.",
    ),
    ParameterSpec(
        "pedagogue_kinds",
        ["teacher", "teacher_assistant", "social_pedagogue", "special_education_teacher"],
        "our choice: no text says which kinds are meant",
        "Provider kinds that count under pedagogues_involved.",
        START,
    ),
    ParameterSpec(
        "target_share_municipalities",
        80,
        "public pages of the programme; start is that of the project",
        "Per cent of municipalities that shall take part, at least.",
        START,
    ),
    ParameterSpec(
        "target_institutions",
        614,
        "public pages of the programme; start is that of the project",
        _TARGET,
        START,
        date(2018, 12, 31),
    ),
    ParameterSpec(
        "target_institutions",
        611,
        "amendment of about 2019; the day is our choice",
        _TARGET,
        date(2019, 1, 1),
        date(2021, 4, 30),
    ),
    ParameterSpec(
        "target_institutions",
        665,
        "after the extension of 2021; the day is our choice",
        _TARGET,
        date(2021, 5, 1),
    ),
    ParameterSpec(
        "municipalities_in_force",
        119,
        "territories before MK 379",
        _IN_FORCE,
        None,
        date(2021, 6, 30),
    ),
    ParameterSpec(
        "municipalities_in_force",
        43,
        "MK 379 of 15.06.2021",
        _IN_FORCE,
        date(2021, 7, 1),
        date(2025, 6, 30),
    ),
    ParameterSpec(
        "municipalities_in_force",
        42,
        "Varakļāni joined Madona",
        _IN_FORCE,
        date(2025, 7, 1),
    ),
    ParameterSpec(
        "programme_budget_cents",
        39_812_376_00,
        "MK 460, total eligible",
        "Money of the programme, cents.",
        START,
    ),
    ParameterSpec(
        "programme_budget_esf_cents",
        33_840_519_00,
        "MK 460, part of the European Social Fund",
        "The fund's part of the programme's money, cents.",
        START,
    ),
)
