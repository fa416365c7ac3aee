"""Every metric there is, defined once, with a sentence that says what it counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

CONSUMER_LAG = Gauge(
    "pumpurs_consumer_lag_records",
    "Records of a partition that a consumer has not applied yet.",
    ["consumer", "topic", "partition"],
    registry=REGISTRY,
)
FACTS_APPLIED = Counter(
    "pumpurs_facts_applied",
    "Facts a consumer handed to its handlers and committed.",
    ["consumer"],
    registry=REGISTRY,
)
REPETITIONS_SKIPPED = Counter(
    "pumpurs_repetitions_skipped",
    "Records a consumer skipped because it had heard their number before.",
    ["consumer"],
    registry=REGISTRY,
)
SET_ASIDE = Counter(
    "pumpurs_set_aside",
    "Records a consumer set aside as dead letters, by the stage at which they failed.",
    ["consumer", "stage"],
    registry=REGISTRY,
)
PARKED_KEYS = Gauge(
    "pumpurs_parked_keys",
    "Keys whose later facts wait behind one that was set aside.",
    ["consumer"],
    registry=REGISTRY,
)
NOT_NOW = Counter(
    "pumpurs_batches_postponed",
    "Batches a consumer could not apply for the moment and read again.",
    ["consumer", "error"],
    registry=REGISTRY,
)
BATCH_SECONDS = Histogram(
    "pumpurs_batch_seconds",
    "Seconds from a polled batch to its offsets committed.",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
    registry=REGISTRY,
)
OUTBOX_ROWS = Gauge(
    "pumpurs_outbox_rows",
    "Facts that are committed and not yet acknowledged by Kafka; counted up to 100 000.",
    registry=REGISTRY,
)
OUTBOX_OLDEST_SECONDS = Gauge(
    "pumpurs_outbox_oldest_seconds",
    "Age of the oldest fact that Kafka has not acknowledged yet; 0 where none waits.",
    registry=REGISTRY,
)
RELAY_ROWS = Counter(
    "pumpurs_relay_rows",
    "Facts the relay of this process sent and saw acknowledged.",
    registry=REGISTRY,
)
RELAY_TURNS_FAILED = Counter(
    "pumpurs_relay_turns_failed",
    "Turns of the relay that ended in an error and are taken again.",
    ["error"],
    registry=REGISTRY,
)
JOBS_FAILED = Counter(
    "pumpurs_jobs_failed",
    "Runs of a periodic job that ended in an error and wait for their next time.",
    ["job"],
    registry=REGISTRY,
)
LOOP_AGE_SECONDS = Gauge(
    "pumpurs_loop_age_seconds",
    "Seconds since a loop of this process last went round, beyond what it sleeps on purpose.",
    ["loop"],
    registry=REGISTRY,
)
EVENT_LOOP_LAG_SECONDS = Gauge(
    "pumpurs_event_loop_lag_seconds",
    "How late the event loop of this process woke a task that only wanted to sleep.",
    registry=REGISTRY,
)
ORDERS_OPEN = Gauge(
    "pumpurs_orders_open",
    "Payment orders that are neither paid nor returned, by state.",
    ["state"],
    registry=REGISTRY,
)
ORDERS_OPEN_CENTS = Gauge(
    "pumpurs_orders_open_cents",
    "Euro cents of payment orders that are neither paid nor returned, by state.",
    ["state"],
    registry=REGISTRY,
)
WORK_LIST_ITEMS = Gauge(
    "pumpurs_work_list_items",
    "Reports of offices that fit no order and wait for a person.",
    registry=REGISTRY,
)
BOOKS_DIFFERENCES = Gauge(
    "pumpurs_books_differences",
    "Sums of payments that were not what they are sums of when last counted, by comparison.",
    ["check"],
    registry=REGISTRY,
)
