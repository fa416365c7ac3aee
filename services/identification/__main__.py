"""`python -m services.identification migrate | web | worker | all | dead-letters`."""

from services.identification.app import SERVICE
from shared.service import main

main(SERVICE)
