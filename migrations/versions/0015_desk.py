"""Marriage: tickets of the waiting hall, papers ticked off, absences annulled.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AREAS = ("marriage_hall", "divorce_room", "service_window")
KINDS = (
    "marriage_registration",
    "divorce_application",
    "divorce_withdrawal",
    "divorce_certificate",
    "marriage_certificate_reissue",
    "divorce_certificate_reissue",
    "archive_query",
    "registration_revocation",
    "foreign_related",
    "ceremony",
    "cloud_ceremony",
    "counselling",
)
STATES = ("waiting", "called", "serving", "done", "left")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _office(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id"], ["marriage_offices.id"], name=op.f(f"fk_{table}_office_id"), ondelete="RESTRICT"
    )


def _appointment(table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["appointment_id"],
        ["marriage_appointments.id"],
        name=op.f(f"fk_{table}_appointment_id"),
        ondelete=ondelete,
    )


def upgrade() -> None:
    _make_tickets()
    _index_tickets()
    _make_numbers()
    _make_windows()
    _make_papers()


def _make_tickets() -> None:
    op.create_table(
        "marriage_tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", _one_of("area", AREAS), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", _one_of("kind", KINDS), nullable=False),
        sa.Column("lane", _one_of("lane", ("ordinary", "priority")), nullable=False),
        sa.Column("state", _one_of("ticketstate", STATES), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("booked", sa.Boolean(), nullable=False),
        _moment("booked_for", nullable=True),
        _moment("queued_at"),
        _moment("called_at", nullable=True),
        sa.Column("calls", sa.SmallInteger(), nullable=False),
        sa.Column("window_number", sa.SmallInteger(), nullable=True),
        _moment("serving_from", nullable=True),
        _moment("ended_at", nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name=op.f("ck_marriage_tickets_three_digits")),
        sa.CheckConstraint(
            "state NOT IN ('called', 'serving') OR (window_number IS NOT NULL AND called_at IS NOT NULL)",
            name=op.f("ck_marriage_tickets_called_to_a_window"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'left')) = (ended_at IS NOT NULL)",
            name=op.f("ck_marriage_tickets_ended_at_some_time"),
        ),
        _office("marriage_tickets"),
        _appointment("marriage_tickets", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_tickets")),
        sa.UniqueConstraint(
            "office_id", "day", "area", "number", name=op.f("uq_marriage_tickets_office_id_day_area_number")
        ),
    )


def _index_tickets() -> None:
    op.create_index("ix_marriage_tickets_office_id_day_state", "marriage_tickets", ["office_id", "day", "state"])
    op.create_index("ix_marriage_tickets_appointment_id", "marriage_tickets", ["appointment_id"])
    op.create_index("ix_marriage_tickets_day", "marriage_tickets", ["day"])
    op.create_index(
        "uq_marriage_tickets_one_open",
        "marriage_tickets",
        ["appointment_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'called', 'serving')"),
    )
    op.create_index(
        "uq_marriage_tickets_one_at_a_window",
        "marriage_tickets",
        ["office_id", "day", "window_number"],
        unique=True,
        postgresql_where=sa.text("state IN ('called', 'serving')"),
    )


def _make_numbers() -> None:
    op.create_table(
        "marriage_ticket_counters",
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", _one_of("area", AREAS), nullable=False),
        sa.Column("last_number", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("last_number BETWEEN 1 AND 999", name=op.f("ck_marriage_ticket_counters_three_digits")),
        _office("marriage_ticket_counters"),
        sa.PrimaryKeyConstraint("office_id", "day", "area", name=op.f("pk_marriage_ticket_counters")),
    )
    op.create_table(
        "marriage_ticket_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _moment("at"),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", _one_of("from_state", STATES), nullable=True),
        sa.Column("to_state", _one_of("to_state", STATES), nullable=False),
        sa.Column("window_number", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["marriage_tickets.id"],
            name=op.f("fk_marriage_ticket_events_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_ticket_events")),
    )
    op.create_index("ix_marriage_ticket_events_ticket_id", "marriage_ticket_events", ["ticket_id"])


def _make_windows() -> None:
    op.create_table(
        "marriage_window_posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("window_number", sa.SmallInteger(), nullable=False),
        sa.Column("area", _one_of("area", AREAS), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _moment("since"),
        _moment("until", nullable=True),
        sa.CheckConstraint("window_number BETWEEN 1 AND 99", name=op.f("ck_marriage_window_posts_two_digits")),
        sa.CheckConstraint(
            "until IS NULL OR until >= since", name=op.f("ck_marriage_window_posts_until_after_since")
        ),
        _office("marriage_window_posts"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["staff_accounts.id"],
            name=op.f("fk_marriage_window_posts_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_window_posts")),
    )
    op.create_index(
        "uq_marriage_window_posts_one_at_a_window",
        "marriage_window_posts",
        ["office_id", "day", "window_number"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "uq_marriage_window_posts_one_of_an_account",
        "marriage_window_posts",
        ["account_id", "day"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index("ix_marriage_window_posts_office_id_day", "marriage_window_posts", ["office_id", "day"])
    op.create_index("ix_marriage_window_posts_account_id", "marriage_window_posts", ["account_id"])


def _make_papers() -> None:
    op.create_table(
        "marriage_paper_ticks",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(60), nullable=False),
        sa.Column("in_order", sa.Boolean(), nullable=False),
        _moment("at"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _appointment("marriage_paper_ticks", "CASCADE"),
        sa.PrimaryKeyConstraint("appointment_id", "line", name=op.f("pk_marriage_paper_ticks")),
    )
    op.create_table(
        "marriage_annulled_no_shows",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        _appointment("marriage_annulled_no_shows", "CASCADE"),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_marriage_annulled_no_shows")),
    )


def downgrade() -> None:
    for table in (
        "marriage_annulled_no_shows",
        "marriage_paper_ticks",
        "marriage_window_posts",
        "marriage_ticket_events",
        "marriage_ticket_counters",
        "marriage_tickets",
    ):
        op.drop_table(table)
