"""Payments: money for pupils and youth projects, right to the cent.

owns: entitlements, pupil months (the ceiling), claims and evidence, payees, orders, bank files
hears: plans.plans.v1, ngo-grants.projects.v1, payment-office.<id>.reports.v1, registers
says: payments.payments.v1, payment-office.<id>.orders.v1, what cells tell each other
"""
