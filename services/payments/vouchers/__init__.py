"""Vouchers for meals: issued, handed out, handed in, paid once, or void."""
