"""The books added up again: every sum compared with what it is a sum of."""
