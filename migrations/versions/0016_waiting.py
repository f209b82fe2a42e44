"""Marriage: waiting list, the other one of a couple told, rushes.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

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
STATES = ("waiting", "offered", "booked", "left", "ended")
ID_TYPES = (
    "resident_identity_card",
    "hk_macau_taiwan_residence_permit",
    "foreign_permanent_resident_card",
    "hk_macau_travel_permit",
    "taiwan_travel_permit",
    "passport",
)
GROUPS = ("mainland", "hong_kong", "macau", "taiwan", "overseas_chinese", "foreign")
OPEN = "state IN ('waiting', 'offered')"


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _refers(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    _make_entries()
    _make_parties()
    _make_events()
    _make_offers()
    _make_partner_notes()
    _make_rushes()
    _make_requests()


def _make_entries() -> None:
    table = "marriage_waiting"
    op.create_table(
        table,
        _id("id"),
        _id("office_id"),
        sa.Column("kind", _one_of("kind", KINDS), nullable=False),
        sa.Column("foreign_related", sa.Boolean(), nullable=False),
        _id("slot_id", nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        _id("person_id"),
        sa.Column("via", _one_of("via", ("chat", "api")), nullable=False),
        sa.Column("state", _one_of("waitingstate", STATES), nullable=False),
        sa.Column("open", sa.Boolean(), sa.Computed(OPEN, persisted=True), nullable=False),
        _moment("queued_at"),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("passed", sa.SmallInteger(), nullable=False),
        _moment("created_at"),
        _moment("changed_at"),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_marriage_waiting_in_order")),
        sa.CheckConstraint("slot_id IS NULL OR first_day = last_day", name=op.f("ck_marriage_waiting_slot_has_one_day")),
        sa.CheckConstraint("passed >= 0", name=op.f("ck_marriage_waiting_counted")),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "slot_id", "marriage_slots.id", "SET NULL"),
        _refers(table, "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_waiting")),
        sa.UniqueConstraint("id", "open", name=op.f("uq_marriage_waiting_id_open")),
    )
    op.create_index(
        "ix_marriage_waiting_line",
        table,
        ["office_id", "kind", "queued_at", "rank", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_marriage_waiting_office_id", table, ["office_id"])
    op.create_index("ix_marriage_waiting_open_last_day", table, ["last_day"], postgresql_where=sa.text("open"))
    op.create_index("ix_marriage_waiting_person_id_created_at", table, ["person_id", "created_at"])
    op.create_index("ix_marriage_waiting_slot_id", table, ["slot_id"])
    op.create_index("ix_marriage_waiting_state_changed_at", table, ["state", "changed_at"])


def _make_parties() -> None:
    table = "marriage_waiting_parties"
    op.create_table(
        table,
        _id("id"),
        _id("entry_id"),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", _one_of("kind", KINDS), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_type", _one_of("idtype", ID_TYPES), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("sex", _one_of("sex", ("male", "female")), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("resident_group", _one_of("residentgroup", GROUPS), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id", "open"],
            ["marriage_waiting.id", "marriage_waiting.open"],
            name=op.f("fk_marriage_waiting_parties_entry"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_waiting_parties")),
        sa.UniqueConstraint("entry_id", "position", name=op.f("uq_marriage_waiting_parties_entry_id_position")),
    )
    op.create_index(
        "uq_marriage_waiting_parties_one_open",
        table,
        ["kind", "id_number_index"],
        unique=True,
        postgresql_where=sa.text("open"),
    )
    op.create_index("ix_marriage_waiting_parties_id_number_index", table, ["id_number_index"])


def _make_events() -> None:
    table = "marriage_waiting_events"
    op.create_table(
        table,
        _id("entry_id"),
        sa.Column("from_state", _one_of("from_state", STATES), nullable=True),
        sa.Column("to_state", _one_of("to_state", STATES), nullable=False),
        _id("slot_id", nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _moment("at"),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(20), nullable=False),
        _id("actor_id", nullable=True),
        _refers(table, "entry_id", "marriage_waiting.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_waiting_events")),
    )
    op.create_index("ix_marriage_waiting_events_entry_id", table, ["entry_id"])


def _make_partner_notes() -> None:
    table = "marriage_partner_notes"
    op.create_table(
        table,
        _id("party_id"),
        _id("person_id"),
        _moment("told_at"),
        _moment("confirmed_at", nullable=True),
        _refers(table, "party_id", "marriage_parties.id", "CASCADE"),
        _refers(table, "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_marriage_partner_notes")),
    )
    op.create_index("ix_marriage_partner_notes_person_id", table, ["person_id"])


def _make_rushes() -> None:
    table = "marriage_rushes"
    op.create_table(
        table,
        _id("id"),
        _id("office_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mode", _one_of("rushmode", ("queue", "draw")), nullable=False),
        _moment("opens_at"),
        _moment("closes_at"),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=True),
        _moment("settled_at", nullable=True),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_marriage_rushes_closes_after_opening")),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_marriage_rushes_counted")),
        sa.CheckConstraint("seed IS NULL OR settled_at IS NOT NULL", name=op.f("ck_marriage_rushes_seed_once_settled")),
        _refers(table, "office_id", "marriage_offices.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_rushes")),
        sa.UniqueConstraint("office_id", "day", name=op.f("uq_marriage_rushes_office_id_day")),
    )
    op.create_index(
        "ix_marriage_rushes_unsettled", table, ["opens_at"], postgresql_where=sa.text("settled_at IS NULL")
    )
    op.create_index("ix_marriage_rushes_day", table, ["day"])


def _make_requests() -> None:
    table = "marriage_rush_requests"
    op.create_table(
        table,
        _id("id"),
        _id("rush_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _id("person_id"),
        _moment("asked_at"),
        sa.Column("state", _one_of("requeststate", ("asked", "placed", "unplaced")), nullable=False),
        sa.Column("part", _one_of("daypart", ("any", "morning", "afternoon")), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        _id("appointment_id", nullable=True),
        _moment("starts_at", nullable=True),
        sa.Column("parties_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_marriage_rush_requests_counted")),
        sa.CheckConstraint(
            "(state = 'placed') = (starts_at IS NOT NULL)", name=op.f("ck_marriage_rush_requests_placed_at_some_time")
        ),
        _refers(table, "rush_id", "marriage_rushes.id"),
        _refers(table, "person_id", "persons.id"),
        _refers(table, "appointment_id", "marriage_appointments.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_rush_requests")),
        sa.UniqueConstraint("rush_id", "number", name=op.f("uq_marriage_rush_requests_rush_id_number")),
    )
    op.create_index(
        "ix_marriage_rush_requests_asked",
        table,
        ["rush_id", "rank", "number"],
        postgresql_where=sa.text("state = 'asked'"),
    )
    for column in ("person_id", "appointment_id", "asked_at"):
        op.create_index(f"ix_marriage_rush_requests_{column}", table, [column])
    table = "marriage_rush_persons"
    op.create_table(
        table,
        _id("rush_id"),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        _id("request_id"),
        _refers(table, "rush_id", "marriage_rushes.id"),
        _refers(table, "request_id", "marriage_rush_requests.id", "CASCADE"),
        sa.PrimaryKeyConstraint("rush_id", "id_number_index", name=op.f("pk_marriage_rush_persons")),
    )
    op.create_index("ix_marriage_rush_persons_request_id", table, ["request_id"])


def _make_offers() -> None:
    """A held appointment may be the offer of a place to somebody who waits."""
    table = "marriage_appointments"
    op.add_column(table, _id("waiting_id", nullable=True))
    op.create_foreign_key(
        op.f("fk_marriage_appointments_waiting_id"),
        table,
        "marriage_waiting",
        ["waiting_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index("ix_marriage_appointments_waiting_id", table, ["waiting_id"])
    op.drop_index("uq_marriage_appointments_one_hold", table)
    op.create_index(
        "uq_marriage_appointments_one_hold",
        table,
        ["booked_by"],
        unique=True,
        postgresql_where=sa.text("state = 'held' AND waiting_id IS NULL"),
    )
    op.create_index(
        "uq_marriage_appointments_one_offer",
        table,
        ["waiting_id"],
        unique=True,
        postgresql_where=sa.text("state = 'held' AND waiting_id IS NOT NULL"),
    )


def downgrade() -> None:
    for name in ("marriage_rush_persons", "marriage_rush_requests", "marriage_rushes"):
        op.drop_table(name)
    op.drop_table("marriage_partner_notes")
    table = "marriage_appointments"
    # Offers that are still open come free: the release before knows none.
    op.execute(
        """
        WITH gone AS (
            UPDATE marriage_appointments SET state = 'expired' WHERE state = 'held' AND waiting_id IS NOT NULL
            RETURNING id, slot_id, minutes
        ),
        further AS (
            DELETE FROM marriage_further_slots AS further USING gone WHERE further.appointment_id = gone.id
            RETURNING further.appointment_id, further.slot_id, further.minutes
        ),
        parts AS (
            SELECT slot_id, minutes FROM further
            UNION ALL
            SELECT gone.slot_id, gone.minutes - coalesce(
                (SELECT sum(minutes) FROM further WHERE further.appointment_id = gone.id), 0
            ) FROM gone
        )
        UPDATE marriage_slots AS slot SET taken = slot.taken - freed.minutes
        FROM (SELECT slot_id, sum(minutes)::int AS minutes FROM parts GROUP BY slot_id) AS freed
        WHERE slot.id = freed.slot_id
        """
    )
    op.drop_index("uq_marriage_appointments_one_offer", table)
    op.drop_index("uq_marriage_appointments_one_hold", table)
    op.create_index(
        "uq_marriage_appointments_one_hold", table, ["booked_by"], unique=True, postgresql_where=sa.text("state = 'held'")
    )
    op.drop_index("ix_marriage_appointments_waiting_id", table)
    op.drop_constraint(op.f("fk_marriage_appointments_waiting_id"), table, type_="foreignkey")
    op.drop_column(table, "waiting_id")
    for name in ("marriage_waiting_events", "marriage_waiting_parties", "marriage_waiting"):
        op.drop_table(name)
