"""Payment orders and their states."""
