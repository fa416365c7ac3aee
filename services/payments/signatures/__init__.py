"""Requests that offices sign, answers that we sign."""
