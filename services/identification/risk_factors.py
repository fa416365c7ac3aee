"""The catalogue of risk factors by group, with labels. Facts of the programme's public texts.

The lists of the texts end with "and others", so every group has a factor that takes a text.
Restricted factors (health, violence, addiction) are sealed and shown to few.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class RiskFactor:
    """One factor of a group R1 to R4."""

    code: str
    group: str
    label_lv: str
    label_en: str
    restricted: bool = False
    needs_text: bool = False


_R1 = (
    ("unexcused_absences", "neattaisnoti kavējumi", "unexcused absences"),
    ("learning_difficulties", "mācīšanās grūtības", "learning difficulties"),
    ("conflicts_with_classmates", "konflikti ar klasesbiedriem", "conflicts with classmates"),
    ("conflicts_with_teachers", "konflikti ar pedagogiem", "conflicts with teachers"),
    ("violence", "vardarbība", "violence"),
    ("lack_of_motivation", "motivācijas trūkums", "lack of motivation"),
    ("behaviour_disorders", "uzvedības traucējumi", "behaviour disorders"),
    ("language_barrier", "valodas barjera", "language barrier"),
    ("other_learning", "cits mācību vai skolas vides risks", "other learning or school risk"),
)
_R2 = (
    ("special_needs", "speciālas vajadzības", "special needs"),
    ("long_illness", "ilgstoša slimība", "long illness"),
    ("pregnancy_or_small_children", "grūtniecība vai mazi bērni", "pregnancy or small children"),
    ("marriage_or_relationship", "laulība vai attiecības", "marriage or relationship"),
    ("addiction", "atkarība", "addiction"),
    ("sick_relatives", "slimi vecāki vai tuvinieki", "sick parents or relatives"),
    (
        "psycho_emotional_difficulties",
        "psihoemocionālas grūtības pēc attālinātām mācībām",
        "psycho-emotional difficulties after remote learning",
    ),
    (
        "other_social_health",
        "cits sociālās vides vai veselības risks",
        "other social or health risk",
    ),
)
_R3 = (
    ("hard_access_to_school", "apgrūtināta nokļūšana skolā", "hard access to school"),
    ("material_conditions", "materiālie apstākļi", "material conditions"),
    ("lack_of_means", "līdzekļu trūkums", "lack of financial means"),
    (
        "household_duties",
        "mājas pienākumi, kas traucē mācībām",
        "household duties that hinder study",
    ),
    ("paid_work", "algota darba uzsākšana", "starting paid work"),
    ("other_economic", "cits ekonomisks risks", "other economic risk"),
)
_R4 = (
    ("parents_absent", "vecāku prombūtne", "parents' absence"),
    ("parents_addictions", "vecāku atkarības", "parents' addictions"),
    ("family_conflicts", "konflikti ģimenē", "family conflicts"),
    (
        "insufficient_parental_involvement",
        "nepietiekama vecāku iesaiste",
        "insufficient parental involvement",
    ),
    ("other_family", "cits ar ģimeni saistīts risks", "other family risk"),
)

ALWAYS_RESTRICTED = "R2"
_RESTRICTED = frozenset({"violence", "parents_addictions"})

CATALOGUE: dict[str, RiskFactor] = {
    code: RiskFactor(
        code=code,
        group=group,
        label_lv=label_lv,
        label_en=label_en,
        restricted=group == ALWAYS_RESTRICTED or code in _RESTRICTED,
        needs_text=code.startswith("other_"),
    )
    for group, factors in (("R1", _R1), ("R2", _R2), ("R3", _R3), ("R4", _R4))
    for code, label_lv, label_en in factors
}
