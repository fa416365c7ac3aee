"""Reports and bank lines that fit no order, and how persons settle them."""
