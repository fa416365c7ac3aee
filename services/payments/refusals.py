"""Why money is refused: each code with its sentence in Latvian and English, written once.

The sentences are templates; what stands in braces comes from the details of the refusal.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from services.payments.allocations.reasons import OF_ALLOCATION
from services.payments.shares.reasons import OF_ROOM
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
        latvian = reason.lv.format_map({k: _in_latvian(k, v) for k, v in details.items()})
        super().__init__(
            reason.en.format_map(details), field=reason.field, message_lv=latvian, **details
        )
        self.code = code  # type: ignore[misc]  # the code is data here, one class for the list


def _in_latvian(name: str, value: JsonValue) -> JsonValue:
    """A detail as it stands in a Latvian sentence: euros with a comma."""
    return str(value).replace(".", ",") if name.endswith("_eur") else value


_ALL = (
    Reason(
        "claim-repeated",
        "Prasība ar šādu numuru jau ir reģistrēta; dodiet jaunu numuru.",
        "another claim with this claim_id is already here; use a new one",
        "claim_id",
    ),
    Reason(
        "plan-unknown",
        "Nav apstiprināta plāna ar šādu numuru; pārbaudiet to vai sagaidiet apstiprinājumu.",
        "no plan with this plan_id has been approved; check it, or wait for the approval",
        "plan_id",
    ),
    Reason(
        "plan-not-in-force",
        "Plāns {day} nebija spēkā; norādiet laiku, kad tas bija spēkā.",
        "the plan was not approved and in force on {day}; claim a time when it was",
        "service_date",
    ),
    Reason(
        "measure-not-in-plan",
        "Plāna spēkā esošajā versijā nav šāda pasākuma; izvēlieties kādu no tās.",
        "the version of the plan in force does not hold this measure; take one of its own",
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
        "Pakalpojuma diena nav norādītajā mēnesī; labojiet vienu no abiem.",
        "the service_date does not lie in the month; correct one of them",
        "month",
    ),
    Reason(
        "service-in-future",
        "Pakalpojums vēl nav sniegts; iesniedziet prasību, kad tas būs sniegts.",
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
        "Pierādījumam trūkst lauka {missing}; aizpildiet to.",
        "the evidence lacks {missing}; fill it in",
        "evidence",
    ),
    Reason(
        "evidence-kind-not-for-type",
        "Šāds pierādījums šim atbalsta veidam neder; derīgie ir sarakstā evidence_kind.",
        "a {kind} does not prove {support_type}; the code list evidence_kind names what does",
        "evidence.kind",
    ),
    Reason(
        "evidence-already-paid",
        "Šis pierādījums jau ir apmaksāts, otrreiz to nemaksā; pārbaudiet numuru un rindu.",
        "this evidence has already been paid and is not paid again; check its number and line",
        "evidence.number",
    ),
    Reason(
        "evidence-paid-elsewhere",
        "Šo pierādījumu jau apmaksā cits maksājumu birojs, šeit to nemaksā; pārbaudiet numuru.",
        "this evidence is already paid elsewhere; nothing is paid on it here, check its number",
        "evidence.number",
    ),
    Reason(
        "evidence-in-future",
        "Dokumenta datums {dated} vēl nav pienācis; labojiet datumu.",
        "the paper is dated {dated}, which has not come yet; correct the date",
        "evidence.date",
    ),
    Reason(
        "consultation-unknown",
        "Nav apstiprinātas konsultācijas ar šādu numuru; vispirms to apstipriniet.",
        "no confirmed consultation has this number; let it be confirmed first",
        "evidence.consultation_id",
    ),
    Reason(
        "consultation-differs",
        "Konsultācija pieder citam plānam, pasākumam vai dienai; norādiet tos, kā apstiprināts.",
        "the confirmed consultation belongs to another plan, measure or day; claim it as confirmed",
        "evidence.consultation_id",
    ),
    Reason(
        "preparation-not-earned",
        "Par plāna sagatavošanu nopelnīti vēl {left_eur} EUR; prasiet ne vairāk.",
        "for preparing this plan {left_eur} EUR are earned and not yet claimed; claim no more",
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
        "Šajā vietā apmaksā tikai {scope_lv} transportu; šo neiesniedziet.",
        "this place pays {scope} transport only, {transport_line} is not paid here; leave it out",
        "evidence.transport_line",
    ),
    Reason(
        "above-unit-rate",
        "Par daudzumu {quantity} maksā ne vairāk kā {most_eur} EUR; labojiet summu vai daudzumu.",
        "for a quantity of {quantity} at most {most_eur} EUR are paid; correct the sum or "
        "the quantity",
        "cents",
    ),
    Reason(
        "payee-unknown",
        "Saņēmējs nav reģistrēts šajā maksājumu birojā; vispirms ievadiet saņēmēju.",
        "this payment office has no payee with this payee_id; enter the payee first",
        "payee_id",
    ),
    Reason(
        "ceiling-used-up",
        "Mēneša griesti {cap_eur} EUR ir izsmelti; šajā mēnesī vairāk nemaksā.",
        "monthly ceiling of {cap_eur} EUR is used up",
        "cents",
    ),
    Reason(
        "ceiling-reserved",
        "Mēneša griestu {cap_eur} EUR atlikums rezervēts citiem; mainiet plānu, lai to atbrīvotu.",
        "what is left of the ceiling of {cap_eur} EUR is reserved for others; revise the plan",
        "cents",
    ),
    Reason(
        "ceiling-too-small",
        "Prasība pārsniedz mēneša griestu atlikumu {available_eur} EUR; prasiet ne vairāk.",
        "the claim is above the {available_eur} EUR left under the monthly ceiling; claim no more",
        "cents",
    ),
    Reason(
        "ceiling-cut",
        "Samazināts līdz atlikumam; {cut_eur} EUR pārsniedz mēneša griestus.",
        "cut to what is left; {cut_eur} EUR are above the monthly ceiling",
        "cents",
    ),
    Reason(
        "days-refused",
        "Nevienu no dienām nevar apmaksāt: {listed_lv}. Norādiet citas dienas.",
        "none of the days can be paid: {listed_en}; claim days that can",
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
        "Samazināts līdz {good} no {of} dienām; nevar apmaksāt: {listed_lv}.",
        "cut to {good} of {of} days; these cannot be paid: {listed_en}",
        "days",
    ),
    Reason(
        "sum-below-days",
        "Summa ir mazāka par centu dienā; labojiet summu vai dienas.",
        "the sum is less than a cent for a day; correct the sum or the days",
        "cents",
    ),
    Reason(
        "days-in-two-months",
        "Dienām jābūt vienā mēnesī; sadaliet prasību.",
        "the days lie in different months; claim each month by itself",
        "days",
    ),
    Reason(
        "quantity-differs",
        "Daudzums {quantity} neatbilst dienu skaitam {days}; labojiet vienu no abiem.",
        "the quantity {quantity} is not that of the {days} days; correct one of them",
        "evidence.quantity",
    ),
    Reason(
        "above-hour-rate",
        "Par {minutes} minūtēm maksā ne vairāk kā {most_eur} EUR; labojiet summu.",
        "{minutes} minutes of this kind of provider are at most {most_eur} EUR; correct the sum",
        "cents",
    ),
    Reason(
        "outside-circle",
        "Šis skolēns nav starp šī atbalsta saņēmējiem; izvēlieties citu atbalsta veidu.",
        "the pupil does not belong to those who may receive this type of support; choose "
        "another type",
        "plan_id",
    ),
    Reason(
        "voucher-not-redeemed",
        "Talons nav izmantots pie ēdinātāja vai jau ir apmaksāts; vispirms reģistrējiet "
        "izmantošanu.",
        "the voucher was not redeemed at a caterer, or has been paid; enter its redemption first",
        "evidence.number",
    ),
    Reason(
        "voucher-differs",
        "Talons pieder citam plānam, pasākumam vai dienai; norādiet tos, kā izmantots.",
        "the voucher belongs to another plan, measure or day; claim it as it was redeemed",
        "evidence.number",
    ),
    Reason(
        "voucher-unknown",
        "Šāds talons nav izsniegts; pārbaudiet numuru.",
        "no voucher of this number was issued; check the number",
        "evidence.number",
    ),
    Reason(
        "above-voucher-value",
        "Talona vērtība ir {most_eur} EUR; prasiet ne vairāk.",
        "the voucher is worth {most_eur} EUR; claim no more",
        "cents",
    ),
    Reason(
        "outside-your-organisation",
        "Jūsu tiesības ir citā organizācijā; lūdziet to plāna skolai vai maksājumu birojam.",
        "your grants are for other organisations than this plan's school and payment office; "
        "ask these",
        "plan_id",
    ),
    *(Reason(*reason, field="cents") for reason in (*OF_ALLOCATION, *OF_ROOM)),
)
REASONS = {reason.code: reason for reason in _ALL}
