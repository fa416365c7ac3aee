"""Tests in which processes are killed and frozen and the broker goes away."""
