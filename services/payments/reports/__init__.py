"""What payment offices say became of orders."""
