"""Who can be paid, on which account."""
