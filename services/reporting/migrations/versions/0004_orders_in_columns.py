"""What became of a payment order stands in columns: they are written and read many times faster."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BECAME = ("ordered", "settled", "returned", "recovered")


def upgrade() -> None:
    """Take the parts of each order out of its JSON."""
    columns, values = ["service_day text", "version integer"], [
        "service_day = state ->> 'service_day'",
        "version = (state ->> 'version')::integer",
    ]
    for name in BECAME:
        columns += [f"{name}_cents bigint", f"{name}_esf_cents bigint", f"{name}_on text"]
        values += [
            f"{name}_cents = coalesce((state -> '{name}' ->> 0)::bigint, 0)",
            f"{name}_esf_cents = coalesce((state -> '{name}' ->> 1)::bigint, 0)",
            f"{name}_on = state ->> '{name}_on'",
        ]
    op.execute(f"ALTER TABLE orders {', '.join(f'ADD COLUMN {column}' for column in columns)}")
    op.execute(f"UPDATE orders SET {', '.join(values)}")
    needed = [name for name, _ in map(str.split, columns) if not name.endswith("_on")]
    changes = [f"ALTER COLUMN {name} SET NOT NULL" for name in needed]
    op.execute(f"ALTER TABLE orders DROP COLUMN state, {', '.join(changes)}")


def downgrade() -> None:
    """Put the parts of each order into JSON again."""
    op.execute("ALTER TABLE orders ADD COLUMN state jsonb")
    parts = ", ".join(
        f"'{name}', jsonb_build_array({name}_cents, {name}_esf_cents), '{name}_on', {name}_on"
        for name in BECAME
    )
    op.execute(f"""
        UPDATE orders SET state = jsonb_strip_nulls(
            jsonb_build_object('service_day', service_day, 'version', version, {parts}))
    """)
    columns = [f"{name}_{of}" for name in BECAME for of in ("cents", "esf_cents", "on")]
    dropped = ", ".join(f"DROP COLUMN {name}" for name in ("service_day", "version", *columns))
    op.execute(f"ALTER TABLE orders ALTER COLUMN state SET NOT NULL, {dropped}")
