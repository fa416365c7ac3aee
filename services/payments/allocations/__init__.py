"""What a partner may promise in a semester, and how that sum came about."""
