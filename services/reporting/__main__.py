"""`python -m services.reporting migrate | web | worker | all | recount | fingerprint | ...`."""

from services.reporting.app import SERVICE
from shared.service import main

if __name__ == "__main__":
    main(SERVICE)
