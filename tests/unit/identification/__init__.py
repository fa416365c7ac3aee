"""Rules of identification, tried without a database."""
