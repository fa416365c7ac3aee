"""The language of the bus: facts, topics, schemas, examples. Imports pydantic and the standard library only."""
