"""The doors of plans over HTTP: one router for each noun, put together."""

from services.plans import consultation_doors, plan_doors, reading_doors

ROUTERS = (plan_doors.router, consultation_doors.router, reading_doors.router)
