"""Reporting: what happened, counted by places and periods, and what of it the public may see.

owns: evidence and counts (municipal), national cells, editions, declared values, announcements
hears: municipal level: identification.*, plans.*, payments.*, ngo-grants.*; national level:
    reporting.aggregates.v1 and the registers, nothing else
says: reporting.aggregates.v1 (municipal), reporting.editions.v1 (national)
"""
