"""The mock cluster inside confluent-kafka as a process: prints its address, ends with its input."""

import sys

from confluent_kafka import Producer


def main() -> None:
    """Keep one broker in memory until standard input closes."""
    cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none:1"})
    brokers = cluster.list_topics(timeout=10).brokers.values()
    sys.stdout.write(",".join(f"{broker.host}:{broker.port}" for broker in brokers) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
