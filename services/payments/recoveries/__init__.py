"""Money that came back, as opposite lines."""
