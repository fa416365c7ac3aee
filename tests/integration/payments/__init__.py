"""Stories about money, through the doors of payments on a real database."""
