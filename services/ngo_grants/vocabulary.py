"""The words of this service, published as code lists in Latvian and English.

Aims are those of the programme's public pages. The official names of the single criteria are not
public, so their labels here are ours and say so (`our_label`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Word:
    """One code of a list, with its labels in Latvian and English."""

    code: str
    label_lv: str
    label_en: str
    attributes: Mapping[str, bool | int | str] = field(default_factory=dict)


def _word(code: str, label_lv: str, label_en: str, **attributes: bool | int | str) -> Word:
    """A word with attributes written as arguments."""
    return Word(code, label_lv, label_en, attributes)


AIMS = (
    _word(
        "raise_topic_among_youth",
        "aktualizēt problēmu pašu jauniešu vidū",
        "raise the topic among young people",
    ),
    _word(
        "reach_through_peers",
        "uzrunāt ar vienaudžu palīdzību",
        "reach pupils with the help of peers",
    ),
    _word("involve_in_activities", "iesaistīt aktivitātēs", "involve them in activities"),
    _word(
        "raise_motivation",
        "motivācijas palielināšana turpināt izglītību",
        "raise motivation to continue education",
    ),
    _word(
        "active_participation",
        "aktīvas līdzdalības veicināšana ikdienas dzīvē",
        "foster active participation in daily life",
    ),
)

APPLICANT_KINDS = (
    _word("youth_organisation", "jaunatnes organizācija", "youth organisation", may_apply=True),
    _word(
        "association",
        "biedrība, kas veic darbu ar jaunatni",
        "association doing youth work",
        may_apply=True,
    ),
    _word(
        "foundation",
        "nodibinājums, kas veic darbu ar jaunatni",
        "foundation doing youth work",
        may_apply=True,
    ),
    _word(
        "informal_group",
        "neformāla jauniešu iniciatīvu grupa",
        "informal youth initiative group",
        may_apply=False,
    ),
)

INTEREST_KINDS = (
    _word("employer", "darba attiecības", "employment"),
    _word("household", "kopīga mājsaimniecība", "shared household"),
    _word("member", "dalība organizācijā", "membership in the organisation"),
    _word("family", "radniecība", "family relation"),
    _word("other", "cita saistība", "another interest"),
)

ELIGIBILITY = (
    _word("1.1", "iesniegts termiņā", "filed in time", our_label=True, checked="by rule"),
    _word(
        "1.2",
        "iesniedzējs drīkst pieteikties",
        "the applicant may apply",
        our_label=True,
        checked="by rule",
    ),
    _word(
        "1.3",
        "pieteikums ir pilnīgs",
        "the application is complete",
        our_label=True,
        checked="by rule",
    ),
    _word(
        "1.4",
        "mērķa grupa atbilst nolikumam",
        "the target group fits the call",
        our_label=True,
        checked="by a person",
    ),
    _word(
        "1.5",
        "skaidrojums sniegts termiņā",
        "clarification given in time",
        our_label=True,
        checked="by a person",
    ),
)

QUALITY = (
    _word(
        "2.1",
        "atbilstība pašvaldības pasākumu plānam",
        "fits the municipality's plan of measures",
        our_label=True,
    ),
    _word(
        "2.2",
        "riska grupas jauniešu iesaiste",
        "involvement of young people at risk",
        our_label=True,
    ),
    _word(
        "2.3",
        "jauniešu loma idejā, plānošanā un īstenošanā",
        "role of young people in idea, planning and running",
        our_label=True,
    ),
    _word("2.4.1", "aktivitāšu saistība ar mērķi", "activities lead to the aim", our_label=True),
    _word(
        "2.4.2",
        "aktivitāšu daudzveidība un pieejamība",
        "activities are varied and within reach",
        our_label=True,
    ),
    _word(
        "2.4.3",
        "sasniedzami un pārbaudāmi rezultāti",
        "results can be reached and checked",
        our_label=True,
    ),
    _word("2.4.4", "laika plāna pamatotība", "the schedule is sound", our_label=True),
    _word(
        "2.4.5",
        "sadarbība ar skolām un partneriem",
        "cooperation with schools and partners",
        our_label=True,
    ),
    _word("2.4.6", "publicitāte", "publicity", our_label=True),
    _word("2.4.7", "rezultātu ilgtspēja", "results last", our_label=True),
)

REJECTION_REASONS = (
    _word(
        "total-below-minimum",
        "Kopējais punktu skaits {reached} nesasniedz minimumu {needed}.",
        "The total of {reached} points does not reach the minimum of {needed}.",
    ),
    _word(
        "criterion-below-minimum",
        "Kritērijā {criterion} ({label}) iegūti {reached} punkti, bet minimums ir {needed}.",
        "Criterion {criterion} ({label}) got {reached} points, the minimum is {needed}.",
    ),
    _word(
        "eligibility-not-met",
        "Pieteikums neatbilst administratīvajam kritērijam {criterion} ({label}).",
        "The application does not meet eligibility criterion {criterion} ({label}).",
    ),
)

RECOVERY_REASONS = (
    _word("partial-result", "rezultāts sasniegts daļēji", "the result was reached in part"),
    _word("result-not-reached", "rezultāts nav sasniegts", "the result was not reached"),
    _word("contract-ended", "līgums izbeigts pirms termiņa", "the contract was ended early"),
)

CALL_REASONS = (
    _word("too-few-applications", "saņemts par maz pieteikumu", "too few applications"),
    _word("holidays", "brīvdienas vai ārkārtējā situācija", "holidays or an emergency"),
    _word("mistake-in-call", "kļūda nolikumā", "a mistake in the call"),
    _word("no-money", "finansējums nav pieejams", "no money is available"),
    _word("other", "cits iemesls", "another reason"),
)

VOCABULARY: Mapping[str, Sequence[Word]] = {
    "ngo_aim": AIMS,
    "ngo_applicant_kind": APPLICANT_KINDS,
    "ngo_interest_kind": INTEREST_KINDS,
    "ngo_eligibility_criterion": ELIGIBILITY,
    "ngo_quality_criterion": QUALITY,
    "ngo_rejection_reason": REJECTION_REASONS,
    "ngo_recovery_reason": RECOVERY_REASONS,
    "ngo_call_reason": CALL_REASONS,
}


def label(words: Sequence[Word], code: str, language: str = "lv") -> str:
    """The label of a code; an unknown code stands for itself."""
    for word in words:
        if word.code == code:
            return word.label_lv if language == "lv" else word.label_en
    return code
