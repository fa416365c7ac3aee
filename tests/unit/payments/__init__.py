"""Rules of payments, tried without a database."""
