"""What would happen, by the same code that makes it happen, and nothing changed."""
