"""Why money is refused: each code with its sentence in Latvian and English, written once.

The sentences are templates; what stands in braces comes from the details of the refusal.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from shared.errors import Refused


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what is wrong and what to do, in both languages, and the field it is about."""

    code: str
    lv: str
    en: str
    field: str | None = None


class LineRefused(Refused):
    """A line was refused by a rule of the programme."""

    code = "line-refused"

    def __init__(self, code: str, **details: JsonValue) -> None:
        """The refusal of a code of this list; details fill its sentences."""
        reason = REASONS[code]
        latvian = reason.lv.format_map(details)
        super().__init__(
            reason.en.format_map(details), field=reason.field, message_lv=latvian, **details
        )
        self.code = code  # type: ignore[misc]  # the code is data here, one class for the list


_ALL = (
    Reason(
        "claim-repeated",
        "Prasība ar šādu numuru jau ir reģistrēta.",
        "another claim with this claim_id is already here; use a new one",
        "claim_id",
    ),
    Reason(
        "plan-unknown",
        "Nav apstiprināta plāna ar šādu numuru.",
        "no plan with this plan_id has been approved",
        "plan_id",
    ),
    Reason(
        "plan-not-in-force",
        "Plāns {day} nebija spēkā.",
        "the plan was not approved and in force on {day}",
        "service_date",
    ),
    Reason(
        "measure-not-in-plan",
        "Plāna spēkā esošajā versijā nav šāda pasākuma.",
        "the version of the plan in force does not hold this measure",
        "measure_id",
    ),
    Reason(
        "service-day-missing",
        "Norādiet pakalpojuma dienu vai mēnesi.",
        "give the service_date, or the month of the service",
        "service_date",
    ),
    Reason(
        "month-differs",
        "Pakalpojuma diena nav norādītajā mēnesī.",
        "the service_date does not lie in the month",
        "month",
    ),
    Reason(
        "service-in-future",
        "Pakalpojums vēl nav sniegts.",
        "the service lies in the future; claim it when it has been delivered",
        "service_date",
    ),
    Reason(
        "project-ended",
        "Projekts beidzās {end}; pēc tam nekas netiek maksāts.",
        "the project ended on {end}; nothing later is paid",
        "service_date",
    ),
    Reason(
        "evidence-incomplete",
        "Pierādījumam trūkst lauka {missing}.",
        "the evidence lacks {missing}",
        "evidence",
    ),
    Reason(
        "evidence-kind-not-for-type",
        "Šāds pierādījums šim atbalsta veidam neder.",
        "evidence of the kind {kind} does not prove support of the type {support_type}",
        "evidence.kind",
    ),
    Reason(
        "evidence-already-paid",
        "Šis pierādījums jau ir apmaksāts.",
        "this evidence has already been paid",
        "evidence.number",
    ),
    Reason(
        "evidence-paid-elsewhere",
        "Šo pierādījumu jau apmaksā cits maksājumu birojs.",
        "this evidence is already paid elsewhere; nothing is paid on it here",
        "evidence.number",
    ),
    Reason(
        "consultation-unknown",
        "Nav apstiprinātas konsultācijas ar šādu numuru.",
        "no confirmed consultation has this number",
        "evidence.consultation_id",
    ),
    Reason(
        "consultation-differs",
        "Konsultācija pieder citam plānam, pasākumam vai dienai.",
        "the confirmed consultation belongs to another plan, measure or day",
        "evidence.consultation_id",
    ),
    Reason(
        "preparation-not-earned",
        "Par plāna sagatavošanu nopelnīti vēl {left_eur} EUR.",
        "for preparing this plan {left_eur} EUR are earned and not yet claimed",
        "cents",
    ),
    Reason(
        "transport-line-missing",
        "Norādiet, vai brauciens bija starppilsētu, starpnovadu vai vietējais.",
        "say which line was used (transport_line); this place pays {scope} only",
        "evidence.transport_line",
    ),
    Reason(
        "transport-out-of-scope",
        "Šajā vietā apmaksā tikai: {scope}.",
        "this place pays {scope} transport only, not {transport_line}",
        "evidence.transport_line",
    ),
    Reason(
        "above-unit-rate",
        "Lielākā summa par {quantity} vienībām ir {most_eur} EUR.",
        "{quantity} units are at most {most_eur} EUR",
        "cents",
    ),
    Reason(
        "payee-unknown",
        "Saņēmējs nav reģistrēts šajā maksājumu birojā.",
        "this payment office has no payee with this payee_id",
        "payee_id",
    ),
    Reason(
        "ceiling-used-up",
        "Mēneša griesti {cap_eur} EUR ir izsmelti.",
        "monthly ceiling of {cap_eur} EUR is used up",
        "cents",
    ),
    Reason(
        "ceiling-reserved",
        "Viss, kas atlicis no mēneša griestiem {cap_eur} EUR, ir rezervēts citiem pasākumiem.",
        "what is left of the monthly ceiling of {cap_eur} EUR is reserved for other measures",
        "cents",
    ),
    Reason(
        "ceiling-too-small",
        "Prasība pārsniedz atlikumu {available_eur} EUR.",
        "the claim is above the {available_eur} EUR left under the monthly ceiling",
        "cents",
    ),
    Reason(
        "ceiling-cut",
        "Samaksāts atlikums; {cut_eur} EUR pārsniedz mēneša griestus.",
        "cut to what is left; {cut_eur} EUR are above the monthly ceiling",
        "cents",
    ),
    Reason(
        "allocation-used-up",
        "Partnera piešķīrums {semester}. semestrim ir izsmelts; trūkst {missing_eur} EUR.",
        "the partner's allocation for {semester} is used up; {missing_eur} EUR are missing",
        "cents",
    ),
    Reason(
        "allocation-not-set",
        "Partnerim {semester}. semestrim nav piešķīruma; lūdziet valsti to noteikt.",
        "the partner has no allocation for {semester}; ask the state to set it",
        "cents",
    ),
    Reason(
        "allocation-too-small",
        "No partnera piešķīruma {semester}. semestrim atlikuši {available_eur} EUR; "
        "trūkst {missing_eur} EUR.",
        "the partner's allocation for {semester} has {available_eur} EUR left for this; "
        "{missing_eur} EUR are missing",
        "cents",
    ),
    Reason(
        "allocation-cut",
        "Samaksāts atlikums; {cut_eur} EUR pārsniedz partnera piešķīrumu {semester}. semestrim.",
        "cut to what is left; {cut_eur} EUR are above the partner's allocation for {semester}",
        "cents",
    ),
    Reason(
        "days-refused",
        "Nevienu no dienām nevar apmaksāt: {listed_lv}.",
        "none of the days can be paid: {listed_en}",
        "days",
    ),
    Reason(
        "days-partly-refused",
        "No {of} dienām var apmaksāt {good}; iesniedziet tikai tās. Nevar: {listed_lv}.",
        "of {of} days {good} can be paid; claim those alone. Not these: {listed_en}",
        "days",
    ),
    Reason(
        "days-cut",
        "Apmaksātas {good} no {of} dienām; nevar apmaksāt: {listed_lv}.",
        "cut to {good} of {of} days; these cannot be paid: {listed_en}",
        "days",
    ),
    Reason(
        "days-in-two-months",
        "Dienām jābūt vienā mēnesī; sadaliet prasību.",
        "the days lie in different months; claim each month by itself",
        "days",
    ),
    Reason(
        "quantity-differs",
        "Daudzums {quantity} neatbilst {days} dienām.",
        "the quantity {quantity} is not that of the {days} days",
        "evidence.quantity",
    ),
    Reason(
        "above-hour-rate",
        "Par {minutes} minūtēm maksā ne vairāk kā {most_eur} EUR.",
        "{minutes} minutes of this kind of provider are at most {most_eur} EUR",
        "cents",
    ),
    Reason(
        "outside-circle",
        "Šis skolēns nav starp šī atbalsta saņēmējiem.",
        "the pupil does not belong to those who may receive this type of support",
        "plan_id",
    ),
    Reason(
        "voucher-not-redeemed",
        "Talons nav izmantots pie ēdinātāja vai jau ir apmaksāts.",
        "the voucher was not redeemed at a caterer, or has been paid",
        "evidence.number",
    ),
    Reason(
        "voucher-differs",
        "Talons pieder citam plānam, pasākumam vai dienai.",
        "the voucher belongs to another plan, measure or day",
        "evidence.number",
    ),
    Reason(
        "voucher-unknown",
        "Šāds talons nav izsniegts.",
        "no voucher of this number was issued",
        "evidence.number",
    ),
    Reason(
        "above-voucher-value",
        "Talona vērtība ir {most_eur} EUR.",
        "the voucher is worth {most_eur} EUR",
        "cents",
    ),
    Reason(
        "outside-your-organisation",
        "Jūsu tiesības ir citā organizācijā.",
        "your grants are for other organisations than this plan's school and payment office",
        "plan_id",
    ),
)
REASONS = {reason.code: reason for reason in _ALL}
