"""The bus without database or broker: envelopes, record batches, waves, readings."""
