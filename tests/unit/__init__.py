"""Tests of rules and of the house: they speak to nothing."""
