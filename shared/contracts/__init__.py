"""The language of the bus: facts, topics, schemas, examples; only pydantic and the language."""
