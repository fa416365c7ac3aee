"""The whole story of one payment, from the plan's signatures to the bank's line and the count."""
