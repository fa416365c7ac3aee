"""The only part that speaks Kafka: outbox, numbering relay, consumers, dead letters, worker."""
