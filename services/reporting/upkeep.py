"""What an operator does beside running it: `recount`, `repair-counts`, `fingerprint`."""

from services.reporting import recount

UPKEEP = {
    "recount": recount.recount,
    "repair-counts": recount.repair_counts,
    "fingerprint": recount.show_fingerprint,
}
