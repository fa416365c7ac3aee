"""What a partner received and spent in a period, and what of it the state accepted."""
