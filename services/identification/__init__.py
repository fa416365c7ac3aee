"""Owns pupils and schools, grants, attendance, risks with their factors, and applications.

Hears `plans.plans.v1`: whether a named pupil has a plan.
Says `identification.pupils.v1` and `identification.registers.v1`; names and reasons stay here.
"""
