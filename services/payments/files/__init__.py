"""Bank files: written, checked, issued, handed over."""
