"""Plans: a pupil's individual support plan for one semester, from draft to closing.

owns: plans and their versions, measures, approvals, head's orders, consultations, evaluations
hears: identification.pupils.v1, payments.payments.v1, registers
says: plans.plans.v1
"""
