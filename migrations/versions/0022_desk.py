"""Marriage: windows that are out, moves begun by the calendar, appointments made at the desk, day lists that are ready.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AREAS = ("marriage_hall", "divorce_room", "service_window")
# Who keeps where an appointment, an entry or a ceremony was made.
MADE_SOMEWHERE = (
    "marriage_appointments",
    "marriage_appointment_counts",
    "marriage_waiting",
    "marriage_ceremonies",
)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")


def upgrade() -> None:
    _make_outages()
    _tie_moves()
    _allow_via("chat", "api", "desk")
    _make_day_lists()


def _make_day_lists() -> None:
    table = "marriage_day_lists_taken"
    op.create_table(
        table,
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _moment("taken_at"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _refers(table, "office_id", "marriage_offices.id"),
        sa.PrimaryKeyConstraint("office_id", "day", name=op.f(f"pk_{table}")),
    )


def _allow_via(*values: str) -> None:
    """A couple whose papers failed is booked anew at the window."""
    for table in MADE_SOMEWHERE:
        op.drop_constraint(op.f(f"ck_{table}_via"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_via"), table, sa.column("via").in_(values))


def _make_outages() -> None:
    table = "marriage_window_outages"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column(
            "area", sa.Enum(*AREAS, name="area", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.Column("windows", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        _moment("created_at"),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f(f"ck_{table}_ends_after_start")),
        sa.CheckConstraint("cardinality(windows) > 0", name=op.f(f"ck_{table}_some_windows")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f(f"ck_{table}_ended_by_somebody")),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "created_by", "staff_accounts.id"),
        _refers(table, "ended_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_office_id_day", table, ["office_id", "day"])
    op.create_index(f"ix_{table}_created_by", table, ["created_by"])
    op.create_index(f"ix_{table}_ended_by", table, ["ended_by"])


def _tie_moves() -> None:
    """Nobody of the staff begins a move when a notice makes a booked day a rest day."""
    table = "marriage_bulk_moves"
    op.alter_column(table, "created_by", existing_type=sa.Uuid(), nullable=True)
    op.add_column(table, sa.Column("outage_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{table}_outage_id"), table, "marriage_window_outages", ["outage_id"], ["id"], ondelete="RESTRICT"
    )
    op.create_index(f"ix_{table}_outage_id", table, ["outage_id"])


def downgrade() -> None:
    op.drop_table("marriage_day_lists_taken")
    for table in MADE_SOMEWHERE:
        op.execute(sa.table(table, sa.column("via")).update().where(sa.column("via") == "desk").values(via="api"))
    _allow_via("chat", "api")
    op.drop_index("ix_marriage_bulk_moves_outage_id", "marriage_bulk_moves")
    op.drop_constraint(op.f("fk_marriage_bulk_moves_outage_id"), "marriage_bulk_moves", type_="foreignkey")
    op.drop_column("marriage_bulk_moves", "outage_id")
    # A move of the calendar's own has nobody to name; what was moved by it stays moved.
    op.execute("DELETE FROM marriage_bulk_moves WHERE created_by IS NULL")
    op.alter_column("marriage_bulk_moves", "created_by", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("marriage_window_outages")
