"""Tests of what services tell each other and the world: schemas, topics, routes."""
