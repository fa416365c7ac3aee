"""Returned payments: paid again to a corrected payee, or given up."""
