"""What identification does by itself."""

from services.identification.grants import settle_overlooked
from services.identification.retention import erase_overdue, tell_seeds
from shared.jobs import Job

JOBS = (
    Job("tell-seeds", 60, tell_seeds),
    Job("settle-overlooked", 60, settle_overlooked),
    Job("erase-overdue", 24 * 60 * 60, erase_overdue),
)
