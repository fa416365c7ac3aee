"""Stories about counts and editions, through the doors of reporting on a real database."""
