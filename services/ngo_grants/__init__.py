"""Youth project calls: from the announcement to the accepted result.

Owns calls, applicants, applications, committees, interests, marks, decisions, contracts, proofs.
Hears payments.payments.v1 (what became of instalments) and identification.registers.v1.
Says ngo-grants.projects.v1: calls, decisions in counts, contracts, instalments, recoveries.
"""
