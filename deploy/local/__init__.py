"""The whole system on one machine: a database server, a broker, a token issuer, five services."""
