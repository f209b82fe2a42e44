"""Marriage: peak days waited for, rushes called off, requests withdrawn, tries before the opening, entries by telephone.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

VIA = ("chat", "api", "desk")
OLD_STATES, STATES = ("asked", "placed", "unplaced"), ("asked", "placed", "unplaced", "withdrawn")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _refers(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _restrict(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    allowed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} IN ({allowed})")


def upgrade() -> None:
    _restrict("marriage_rush_requests", "state", "requeststate", STATES)
    _extend_rushes()
    _extend_requests()
    _make_watches()
    _make_early_tries()
    _index_the_list()


def _extend_rushes() -> None:
    table = "marriage_rushes"
    op.add_column(table, _moment("called_off_at", nullable=True))
    op.add_column(table, _id("called_off_by", nullable=True))
    op.add_column(table, sa.Column("reason", sa.String(80), nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{table}_called_off_by"), table, "staff_accounts", ["called_off_by"], ["id"], ondelete="RESTRICT"
    )
    op.create_check_constraint(
        op.f(f"ck_{table}_called_off_by_somebody"), table, "(called_off_at IS NULL) = (called_off_by IS NULL)"
    )
    op.create_check_constraint(
        op.f(f"ck_{table}_called_off_is_over"), table, "called_off_at IS NULL OR settled_at IS NOT NULL"
    )
    op.create_index(f"ix_{table}_called_off_by", table, ["called_off_by"])
    op.create_index(f"ix_{table}_office_id_opens_at", table, ["office_id", "opens_at"])


def _extend_requests() -> None:
    table = "marriage_rush_requests"
    via = sa.Enum(*VIA, name="via", native_enum=False, create_constraint=True, length=40)
    op.add_column(table, sa.Column("via", via, nullable=False, server_default="api"))
    op.alter_column(table, "via", server_default=None)


def _make_watches() -> None:
    table = "marriage_peak_watches"
    op.create_table(
        table,
        _id("id"),
        _id("office_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _id("person_id"),
        _moment("opens_at"),
        sa.Column(
            "mode",
            sa.Enum("queue", "draw", name="rushmode", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        _moment("created_at"),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("office_id", "day", "person_id", name=op.f(f"uq_{table}_office_id_day_person_id")),
    )
    op.create_index(f"ix_{table}_person_id", table, ["person_id"])
    op.create_index(f"ix_{table}_day", table, ["day"])


def _make_early_tries() -> None:
    table = "marriage_rush_early_tries"
    op.create_table(
        table,
        _id("rush_id"),
        _id("person_id"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("not_before"),
        sa.CheckConstraint("tries > 0", name=op.f(f"ck_{table}_counted")),
        _refers(table, "rush_id", "marriage_rushes.id", "CASCADE"),
        _refers(table, "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("rush_id", "person_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def _index_the_list() -> None:
    """The desk reads a registry's entries of a day, and the newest that are over."""
    table = "marriage_waiting"
    op.create_index(f"ix_{table}_office_id_changed_at", table, ["office_id", "changed_at", "id"])
    op.create_index(
        f"ix_{table}_open_line",
        table,
        ["office_id", "queued_at", "rank", "id"],
        postgresql_where=sa.text("open"),
    )
    op.drop_index(f"ix_{table}_office_id")
    op.add_column("marriage_waiting_events", sa.Column("reason", sa.String(80), nullable=True))


def downgrade() -> None:
    op.drop_column("marriage_waiting_events", "reason")
    op.drop_index("ix_marriage_waiting_open_line")
    op.create_index("ix_marriage_waiting_office_id", "marriage_waiting", ["office_id"])
    op.drop_index("ix_marriage_waiting_office_id_changed_at")
    op.drop_table("marriage_rush_early_tries")
    op.drop_table("marriage_peak_watches")
    op.drop_column("marriage_rush_requests", "via")
    for column in ("called_off_at", "called_off_by", "reason"):
        op.drop_column("marriage_rushes", column)
    op.drop_index("ix_marriage_rushes_office_id_opens_at")
    op.execute("UPDATE marriage_rush_requests SET state = 'unplaced' WHERE state = 'withdrawn'")
    _restrict("marriage_rush_requests", "state", "requeststate", OLD_STATES)
