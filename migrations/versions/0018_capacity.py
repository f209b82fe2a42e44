"""Marriage: bulk moves of appointments whose time is no longer open.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES = ("waiting", "offered", "accepted", "chosen", "given_up", "kept", "ended")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _refers(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    _make_moves()
    _make_lines()
    _index_lines()


def _make_moves() -> None:
    table = "marriage_bulk_moves"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        _moment("created_at"),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        _moment("started_at", nullable=True),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f(f"ck_{table}_in_order")),
        sa.CheckConstraint("(started_at IS NULL) = (started_by IS NULL)", name=op.f(f"ck_{table}_started_by_somebody")),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "created_by", "staff_accounts.id"),
        _refers(table, "started_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_office_id_created_at", table, ["office_id", "created_at"])
    op.create_index(f"ix_{table}_created_by", table, ["created_by"])
    op.create_index(f"ix_{table}_started_by", table, ["started_by"])


def _make_lines() -> None:
    table = "marriage_move_lines"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("state", _one_of("linestate", STATES), nullable=False),
        _moment("old_starts_at"),
        _moment("new_starts_at", nullable=True),
        _moment("answer_until", nullable=True),
        _moment("told_at", nullable=True),
        _moment("called_at", nullable=True),
        sa.Column("called_by", sa.Uuid(), nullable=True),
        sa.Column("call", _one_of("callresult", ("reached", "not_reached")), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        _moment("created_at"),
        _moment("changed_at"),
        sa.CheckConstraint(
            "state <> 'offered' OR (new_starts_at IS NOT NULL AND answer_until IS NOT NULL)",
            name=op.f(f"ck_{table}_offered_something"),
        ),
        sa.CheckConstraint("(called_at IS NULL) = (called_by IS NULL)", name=op.f(f"ck_{table}_called_by_somebody")),
        _refers(table, "move_id", "marriage_bulk_moves.id", "CASCADE"),
        _refers(table, "appointment_id", "marriage_appointments.id", "CASCADE"),
        _refers(table, "called_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("move_id", "appointment_id", name=op.f(f"uq_{table}_move_id_appointment_id")),
    )


def _index_lines() -> None:
    table = "marriage_move_lines"
    op.create_index(
        f"uq_{table}_one_open",
        table,
        ["appointment_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_index(f"ix_{table}_appointment_id", table, ["appointment_id"])
    op.create_index(f"ix_{table}_move_id_rank", table, ["move_id", "rank"])
    op.create_index(f"ix_{table}_called_by", table, ["called_by"])
    op.create_index(f"ix_{table}_waiting", table, ["rank"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_index(f"ix_{table}_answer_until", table, ["answer_until"], postgresql_where=sa.text("state = 'offered'"))


def downgrade() -> None:
    op.drop_table("marriage_move_lines")
    op.drop_table("marriage_bulk_moves")
