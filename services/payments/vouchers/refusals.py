"""Why a voucher is not issued, handed out or taken, in English and Latvian."""

from shared.errors import NotFound, Refused


class VoucherRefused(Refused):
    """A rule of vouchers refused this."""

    code = "voucher-refused"
    lv = "Noteikumi to neļauj."

    def __init__(self, *, field: str | None = None, **details: object) -> None:
        """The refusal with its sentence in Latvian among the details."""
        super().__init__(field=field, message_lv=self.lv, **details)  # type: ignore[arg-type]  # details are JSON


class PlanUnknown(NotFound):
    """This office pays for no approved plan of this number."""

    code = "plan-unknown"


class VoucherUnknown(NotFound):
    """No voucher of this number was issued here; compare it with the printed one."""

    code = "voucher-unknown"


class VoucherOutsidePlan(VoucherRefused):
    """The plan is not in force on any day of this month."""

    code = "plan-not-in-force"
    lv = "Plāns šajā mēnesī nav spēkā."


class NotForMeals(VoucherRefused):
    """Vouchers are for meals: the plan has no such measure of that type."""

    code = "not-for-meals"
    lv = "Taloni ir ēdināšanai; plānā nav šāda ēdināšanas pasākuma."


class MoreThanDays(VoucherRefused):
    """The month has fewer days on which this pupil's meal can be paid."""

    code = "more-than-days"
    lv = "Mēnesī ir mazāk dienu, kurās skolēna ēdināšanu var apmaksāt."


class MoreThanReserved(VoucherRefused):
    """Less is reserved for this measure and month; revise the plan or issue fewer."""

    code = "more-than-reserved"
    lv = "Šim pasākumam un mēnesim ir rezervēts mazāk; izsniedziet mazāk talonu."


class VoucherNotActive(VoucherRefused):
    """The voucher was never handed to the pupil; the school activates it first."""

    code = "voucher-not-active"
    lv = "Talons skolēnam nav izsniegts; skolai tas vispirms jāaktivizē."


class VoucherExpired(VoucherRefused):
    """The voucher was handed in too late."""

    code = "voucher-expired"
    lv = "Talona termiņš ir beidzies."


class VoucherRedeemed(VoucherRefused):
    """The voucher was handed in before."""

    code = "voucher-redeemed"
    lv = "Talons jau ir izmantots."


class VoucherCancelled(VoucherRefused):
    """The voucher was cancelled."""

    code = "voucher-cancelled"
    lv = "Talons ir atcelts."


class VoucherOfOtherMonth(VoucherRefused):
    """The voucher is for another month."""

    code = "voucher-of-other-month"
    lv = "Talons ir citam mēnesim."


class CatererUnknown(VoucherRefused):
    """This office has no provider with this payee_id; enter the caterer first."""

    code = "payee-unknown"
    lv = "Birojam nav šāda ēdinātāja."
