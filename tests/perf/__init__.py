"""Benchmarks, never timed tests: figures beside a baseline measured in the same run."""
