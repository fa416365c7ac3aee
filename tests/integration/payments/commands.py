"""Commands of payments, run as an operator runs them."""

import os
import subprocess
import sys

from deploy.local.processes import ROOT
from tests.builders_payments import Payments


def command(payments: Payments, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command of payments on the story's database, with these variables of the environment."""
    settings = payments.doors.settings
    environment = {
        **os.environ,
        "DATABASE_URL": payments.doors.database.url,
        "CELL": settings.cell,
        "SERVES": settings.serves,
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "services.payments", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
