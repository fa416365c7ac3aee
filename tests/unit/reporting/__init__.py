"""Rules of reporting, tried without a database."""
