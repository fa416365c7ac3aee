"""`python -m services.ngo_grants migrate | web | worker | all | ...`."""

from services.ngo_grants.app import SERVICE
from shared.service import main

main(SERVICE)
