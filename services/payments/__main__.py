"""`python -m services.payments migrate | web | worker | all | dead-letters`."""

from services.payments.app import SERVICE
from shared.service import main

main(SERVICE)
