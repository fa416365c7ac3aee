"""Tests: stories of what the house does, and of what it refuses."""
