"""Tests of one part against a real database, and of the bus against a real broker."""
