"""The rules of plans as plain values."""
