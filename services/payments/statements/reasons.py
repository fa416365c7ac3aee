"""Why a bank returned or refused a payment: the codes banks use, in words, and what cures each.

Source of the codes: ISO 20022 external code set of return and status reasons. Pure.
"""

from typing import NamedTuple


class BankReason(NamedTuple):
    """A code of a bank in words, and what a person does about it."""

    lv: str
    en: str
    cure_lv: str
    cure_en: str


_ACCOUNT = (
    "Noskaidrojiet pareizo kontu un maksājiet vēlreiz jaunam saņēmēja ierakstam.",
    "find out the right account and pay again to a new payee",
)
_ASK_BANK = ("Pajautājiet bankai, tad izlemiet.", "ask the bank, then decide")
_ASK_PAYEE = ("Sazinieties ar saņēmēju, tad izlemiet.", "ask the payee, then decide")
_FILE = (
    "Pārbaudiet, kā failu nodeva bankai, un maksājiet vēlreiz.",
    "look how the file was handed to the bank, and pay again",
)

RETURN_REASONS: dict[str, BankReason] = {
    "AC01": BankReason("nepareizs konta numurs", "wrong account number", *_ACCOUNT),
    "AC03": BankReason("nederīgs saņēmēja konts", "invalid account of the payee", *_ACCOUNT),
    "AC04": BankReason("konts ir slēgts", "account closed", *_ACCOUNT),
    "AC06": BankReason("konts ir bloķēts", "account blocked", *_ASK_PAYEE),
    "AC13": BankReason("nederīgs konta veids", "wrong kind of account", *_ACCOUNT),
    "AG01": BankReason("šādi maksāt nav atļauts", "payment not allowed here", *_ASK_BANK),
    "AG02": BankReason("nepareizs darbības kods", "wrong code of operation", *_ASK_BANK),
    "AM04": BankReason(
        "kontā nebija pietiekami līdzekļu",
        "not enough money on the paying account",
        "Papildiniet biroja kontu un maksājiet vēlreiz.",
        "put money on the office's account and pay again",
    ),
    "AM05": BankReason(
        "banka to uzskata par atkārtotu",
        "the bank takes it for a repetition",
        "Pārbaudiet, vai pirmais maksājums ir izpildīts; tikai tad izlemiet.",
        "look whether the first payment was made; only then decide",
    ),
    "AM09": BankReason("nepareiza summa", "wrong amount", *_ASK_BANK),
    "BE01": BankReason(
        "saņēmējs neatbilst kontam", "the payee does not go with the account", *_ACCOUNT
    ),
    "BE04": BankReason("trūkst saņēmēja adreses", "the payee's address is missing", *_ASK_PAYEE),
    "CUST": BankReason("saņēmējs atteicās", "refused by the payee", *_ASK_PAYEE),
    "ED05": BankReason("norēķins neizdevās", "settlement failed", *_FILE),
    "FF01": BankReason("nepareizs faila formāts", "wrong format of the file", *_FILE),
    "FOCR": BankReason("atsaukts pēc lūguma", "recalled on request", *_ASK_BANK),
    "FR01": BankReason("aizdomas par krāpšanu", "suspected fraud", *_ASK_BANK),
    "MD07": BankReason("saņēmējs ir miris", "the payee has died", *_ASK_PAYEE),
    "MS02": BankReason("klients iemeslu nenorāda", "the customer gives no reason", *_ASK_PAYEE),
    "MS03": BankReason("banka iemeslu nenorāda", "the bank gives no reason", *_ASK_BANK),
    "NARR": BankReason("iemesls ir bankas tekstā", "the reason is in the bank's text", *_ASK_BANK),
    "RC01": BankReason("nepareizs bankas kods", "wrong code of the bank", *_ACCOUNT),
    "RR01": BankReason("trūkst maksātāja konta", "the payer's account is missing", *_FILE),
    "RR02": BankReason("trūkst maksātāja vārda", "the payer's name is missing", *_FILE),
    "RR03": BankReason("trūkst saņēmēja vārda", "the payee's name is missing", *_ACCOUNT),
    "RR04": BankReason("regulējoša prasība", "a regulation forbids it", *_ASK_BANK),
    "TM01": BankReason("nodots pēc darba laika", "handed in too late in the day", *_FILE),
}
OTHER = BankReason(
    "banka norāda kodu, kura nav sarakstā", "a code that is not in the list", *_ASK_BANK
)


def reason_of(code: str | None) -> BankReason:
    """What a code means; one that is not in the list says so."""
    return RETURN_REASONS.get(code or "", OTHER)
