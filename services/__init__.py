"""The five services of Pumpurs; none of them imports another."""
