"""The stories of plans through its doors and its ears."""
