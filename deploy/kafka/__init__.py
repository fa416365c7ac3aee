"""Topics, users and rights on Kafka, all from the one catalogue of `shared.contracts`."""
