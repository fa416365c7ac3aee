"""How cells of payments share the ceiling of one pupil's month."""
