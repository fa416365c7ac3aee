"""`python -m services.plans migrate | web | worker | all | dead-letters`."""

from services.plans.app import SERVICE
from shared.service import main

if __name__ == "__main__":
    main(SERVICE)
