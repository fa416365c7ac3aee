"""The ceiling ledger: what a pupil's month holds."""
