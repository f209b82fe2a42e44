"""Marriage: venues and officiants, ceremonies, events of many couples, private links.

Revision ID: 0017
Revises: 0016

Long because it makes thirteen tables, one function each.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SEQUENCES = (
    "marriage_ceremony_numbers",
    "marriage_group_entry_numbers",
)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    for sequence in SEQUENCES:
        op.execute(f"CREATE SEQUENCE {sequence}")
    _make_resources()
    _make_resource_hours()
    _make_resource_days()
    _make_resource_bookings()
    _make_resource_cells()
    _make_ceremonies()
    _make_ceremony_events()
    _make_weather_switches()
    _make_group_events()
    _make_group_entries()
    _make_group_entry_events()
    _make_cloud_ceremonies()
    _make_cloud_consents()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for sequence in SEQUENCES:
        op.execute(f"DROP SEQUENCE {sequence}")


def _make_resources() -> None:
    op.create_table(
        "marriage_resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("resourcekind", ("venue", "officiant")), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("session_minutes", sa.Integer(), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("outdoor", sa.Boolean(), nullable=False),
        sa.Column("fallback_id", sa.Uuid(), nullable=True),
        sa.Column("guests_most", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account_id IS NULL OR kind <> 'venue'", name=op.f("ck_marriage_resources_venues_are_nobody")
        ),
        sa.CheckConstraint(
            "kind = 'venue' OR (NOT outdoor AND guests_most IS NULL)",
            name=op.f("ck_marriage_resources_rooms_of_venues"),
        ),
        sa.CheckConstraint(
            "fallback_id IS NULL OR fallback_id <> id", name=op.f("ck_marriage_resources_fallback_is_another")
        ),
        sa.CheckConstraint(
            "fallback_id IS NULL OR outdoor", name=op.f("ck_marriage_resources_fallback_of_the_outdoor")
        ),
        sa.CheckConstraint("guests_most >= 0", name=op.f("ck_marriage_resources_guests_counted")),
        sa.CheckConstraint(
            "pause_minutes >= 0 AND mod(pause_minutes, 10) = 0", name=op.f("ck_marriage_resources_pauses_on_the_grid")
        ),
        sa.CheckConstraint(
            "session_minutes > 0 AND mod(session_minutes, 10) = 0",
            name=op.f("ck_marriage_resources_sessions_on_the_grid"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_marriage_resources_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fallback_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_resources_fallback_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["marriage_offices.id"], name=op.f("fk_marriage_resources_office_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_resources")),
        sa.UniqueConstraint(
            "account_id", "office_id", "kind", name=op.f("uq_marriage_resources_account_id_office_id_kind")
        ),
        sa.UniqueConstraint("office_id", "kind", "name", name=op.f("uq_marriage_resources_office_id_kind_name")),
    )
    op.create_index("ix_marriage_resources_fallback_id", "marriage_resources", ["fallback_id"], unique=False)


def _make_resource_hours() -> None:
    op.create_table(
        "marriage_resource_hours",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("closes > opens", name=op.f("ck_marriage_resource_hours_in_order")),
        sa.CheckConstraint(
            "mod(EXTRACT(epoch FROM opens)::int, 600) = 0 AND mod(EXTRACT(epoch FROM closes)::int, 600) = 0",
            name=op.f("ck_marriage_resource_hours_on_the_grid"),
        ),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_marriage_resource_hours_a_weekday")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_resource_hours_resource_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource_id", "weekday", "opens", name=op.f("pk_marriage_resource_hours")),
    )


def _make_resource_days() -> None:
    op.create_table(
        "marriage_resource_days",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.CheckConstraint(
            "(opens IS NULL) = (closes IS NULL)", name=op.f("ck_marriage_resource_days_hours_are_whole")
        ),
        sa.CheckConstraint("closes > opens", name=op.f("ck_marriage_resource_days_in_order")),
        sa.CheckConstraint(
            "mod(EXTRACT(epoch FROM opens)::int, 600) = 0 AND mod(EXTRACT(epoch FROM closes)::int, 600) = 0",
            name=op.f("ck_marriage_resource_days_on_the_grid"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_resource_days_resource_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource_id", "day", name=op.f("pk_marriage_resource_days")),
    )


def _make_resource_bookings() -> None:
    op.create_table(
        "marriage_resource_bookings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("until > starts_at", name=op.f("ck_marriage_resource_bookings_in_order")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_resource_bookings_resource_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_resource_bookings")),
    )
    op.create_index(
        op.f("ix_marriage_resource_bookings_resource_id"), "marriage_resource_bookings", ["resource_id"], unique=False
    )


def _make_resource_cells() -> None:
    op.create_table(
        "marriage_resource_cells",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "mod(EXTRACT(epoch FROM starts_at)::bigint, 600) = 0", name=op.f("ck_marriage_resource_cells_on_the_grid")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["marriage_resource_bookings.id"],
            name=op.f("fk_marriage_resource_cells_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_resource_cells_resource_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("resource_id", "starts_at", name=op.f("pk_marriage_resource_cells")),
    )
    op.create_index("ix_marriage_resource_cells_booking_id", "marriage_resource_cells", ["booking_id"], unique=False)


def _make_ceremonies() -> None:
    op.create_table(
        "marriage_ceremonies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("wished_id", sa.Uuid(), nullable=True),
        sa.Column("officiant_id", sa.Uuid(), nullable=True),
        sa.Column("venue_booking_id", sa.Uuid(), nullable=True),
        sa.Column("officiant_booking_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("needs_place", sa.Boolean(), nullable=False),
        sa.Column("state", _one_of("ceremonystate", ("booked", "held", "cancelled")), nullable=False),
        sa.Column("via", _one_of("via", ("chat", "api")), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'booked' AND NOT needs_place) = (venue_booking_id IS NOT NULL)",
            name=op.f("ck_marriage_ceremonies_has_a_place"),
        ),
        sa.CheckConstraint(
            "officiant_booking_id IS NULL OR (officiant_id IS NOT NULL AND state = 'booked')",
            name=op.f("ck_marriage_ceremonies_officiants_time"),
        ),
        sa.CheckConstraint(
            "state = 'booked' OR NOT needs_place", name=op.f("ck_marriage_ceremonies_needs_a_place_while_booked")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_marriage_ceremonies_in_order")),
        sa.CheckConstraint("guests >= 0", name=op.f("ck_marriage_ceremonies_guests_counted")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["marriage_appointments.id"],
            name=op.f("fk_marriage_ceremonies_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["marriage_offices.id"], name=op.f("fk_marriage_ceremonies_office_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["officiant_booking_id"],
            ["marriage_resource_bookings.id"],
            name=op.f("fk_marriage_ceremonies_officiant_booking_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["officiant_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_ceremonies_officiant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["venue_booking_id"],
            ["marriage_resource_bookings.id"],
            name=op.f("fk_marriage_ceremonies_venue_booking_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["marriage_resources.id"], name=op.f("fk_marriage_ceremonies_venue_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["wished_id"], ["marriage_resources.id"], name=op.f("fk_marriage_ceremonies_wished_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_ceremonies")),
        sa.UniqueConstraint("number", name=op.f("uq_marriage_ceremonies_number")),
        sa.UniqueConstraint("officiant_booking_id", name=op.f("uq_marriage_ceremonies_officiant_booking_id")),
        sa.UniqueConstraint("venue_booking_id", name=op.f("uq_marriage_ceremonies_venue_booking_id")),
    )
    op.create_index("ix_marriage_ceremonies_appointment_id", "marriage_ceremonies", ["appointment_id"], unique=False)
    op.create_index(
        "ix_marriage_ceremonies_needs_place",
        "marriage_ceremonies",
        ["office_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("needs_place"),
    )
    op.create_index(
        "ix_marriage_ceremonies_office_id_starts_at",
        "marriage_ceremonies",
        ["office_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index("ix_marriage_ceremonies_officiant_id", "marriage_ceremonies", ["officiant_id"], unique=False)
    op.create_index(
        "ix_marriage_ceremonies_venue_id_starts_at", "marriage_ceremonies", ["venue_id", "starts_at"], unique=False
    )
    op.create_index(op.f("ix_marriage_ceremonies_wished_id"), "marriage_ceremonies", ["wished_id"], unique=False)
    op.create_index(
        "uq_marriage_ceremonies_one_booked",
        "marriage_ceremonies",
        ["appointment_id"],
        unique=True,
        postgresql_where=sa.text("state = 'booked'"),
    )


def _make_ceremony_events() -> None:
    op.create_table(
        "marriage_ceremony_events",
        sa.Column("ceremony_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", _one_of("from_state", ("booked", "held", "cancelled")), nullable=True),
        sa.Column("to_state", _one_of("to_state", ("booked", "held", "cancelled")), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ceremony_id"],
            ["marriage_ceremonies.id"],
            name=op.f("fk_marriage_ceremony_events_ceremony_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_ceremony_events")),
    )
    op.create_index(
        "ix_marriage_ceremony_events_ceremony_id", "marriage_ceremony_events", ["ceremony_id", "id"], unique=False
    )


def _make_weather_switches() -> None:
    op.create_table(
        "marriage_weather_switches",
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("switched_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("switched_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["switched_by"],
            ["staff_accounts.id"],
            name=op.f("fk_marriage_weather_switches_switched_by"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"],
            ["marriage_resources.id"],
            name=op.f("fk_marriage_weather_switches_venue_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("venue_id", "day", name=op.f("pk_marriage_weather_switches")),
    )
    op.create_index(
        op.f("ix_marriage_weather_switches_switched_by"), "marriage_weather_switches", ["switched_by"], unique=False
    )


def _make_group_events() -> None:
    op.create_table(
        "marriage_group_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("eventkind", ("group_ceremony", "group_wedding")), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opens_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closes_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("mode", _one_of("eventmode", ("first_come", "draw")), nullable=False),
        sa.Column("registered_from", sa.Date(), nullable=True),
        sa.Column("state", _one_of("eventstate", ("announced", "settled", "cancelled")), nullable=False),
        sa.Column("seed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("seed_hash", sa.String(length=64), nullable=True),
        sa.Column("list_hash", sa.String(length=64), nullable=True),
        sa.Column("settled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(mode = 'draw') = (seed_hash IS NOT NULL)", name=op.f("ck_marriage_group_events_seed_hash_of_a_draw")
        ),
        sa.CheckConstraint(
            "(mode = 'draw') = (seed_sealed IS NOT NULL)", name=op.f("ck_marriage_group_events_seed_of_a_draw")
        ),
        sa.CheckConstraint(
            "list_hash IS NULL OR (mode = 'draw' AND state <> 'announced')",
            name=op.f("ck_marriage_group_events_list_once_drawn"),
        ),
        sa.CheckConstraint(
            "opens_at < closes_at AND closes_at <= starts_at", name=op.f("ck_marriage_group_events_in_order")
        ),
        sa.CheckConstraint("places > 0", name=op.f("ck_marriage_group_events_some_places")),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name=op.f("ck_marriage_group_events_taken_within_places")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["marriage_offices.id"], name=op.f("fk_marriage_group_events_office_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_group_events")),
    )
    op.create_index(
        "ix_marriage_group_events_closes_at",
        "marriage_group_events",
        ["closes_at"],
        unique=False,
        postgresql_where=sa.text("state = 'announced'"),
    )
    op.create_index(
        "ix_marriage_group_events_office_id_starts_at",
        "marriage_group_events",
        ["office_id", "starts_at", "id"],
        unique=False,
    )


def _make_group_entries() -> None:
    op.create_table(
        "marriage_group_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "state",
            _one_of(
                "entrystate", ("waits_for_partner", "entered", "placed", "reserve", "lapsed", "withdrawn", "cancelled")
            ),
            nullable=False,
        ),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('entered', 'placed', 'reserve') OR confirmed_at IS NOT NULL",
            name=op.f("ck_marriage_group_entries_both_said_yes"),
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_marriage_group_entries_confirmed_at_a_time"),
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> signed_by", name=op.f("ck_marriage_group_entries_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["marriage_appointments.id"],
            name=op.f("fk_marriage_group_entries_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["persons.id"], name=op.f("fk_marriage_group_entries_confirmed_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["marriage_group_events.id"],
            name=op.f("fk_marriage_group_entries_event_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["persons.id"], name=op.f("fk_marriage_group_entries_signed_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_group_entries")),
        sa.UniqueConstraint("event_id", "rank", name=op.f("uq_marriage_group_entries_event_id_rank")),
        sa.UniqueConstraint("number", name=op.f("uq_marriage_group_entries_number")),
    )
    op.create_index(
        "ix_marriage_group_entries_appointment_id", "marriage_group_entries", ["appointment_id"], unique=False
    )
    op.create_index(
        op.f("ix_marriage_group_entries_confirmed_by"), "marriage_group_entries", ["confirmed_by"], unique=False
    )
    op.create_index(
        "ix_marriage_group_entries_event_id_created_at",
        "marriage_group_entries",
        ["event_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_marriage_group_entries_signed_by"), "marriage_group_entries", ["signed_by"], unique=False)
    op.create_index(
        "uq_marriage_group_entries_one_standing",
        "marriage_group_entries",
        ["event_id", "appointment_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waits_for_partner', 'entered', 'placed', 'reserve')"),
    )


def _make_group_entry_events() -> None:
    op.create_table(
        "marriage_group_entry_events",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column(
            "from_state",
            _one_of(
                "from_state", ("waits_for_partner", "entered", "placed", "reserve", "lapsed", "withdrawn", "cancelled")
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            _one_of(
                "to_state", ("waits_for_partner", "entered", "placed", "reserve", "lapsed", "withdrawn", "cancelled")
            ),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["marriage_group_entries.id"],
            name=op.f("fk_marriage_group_entry_events_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_group_entry_events")),
    )
    op.create_index(
        "ix_marriage_group_entry_events_entry_id", "marriage_group_entry_events", ["entry_id", "id"], unique=False
    )


def _make_cloud_ceremonies() -> None:
    op.create_table(
        "marriage_cloud_ceremonies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ceremony_id", sa.Uuid(), nullable=False),
        sa.Column("state", _one_of("cloudstate", ("asked", "agreed", "withdrawn", "ended")), nullable=False),
        sa.Column("link_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("had_link", sa.Boolean(), nullable=False),
        sa.Column("delete_from", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("erased_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "erased_at IS NULL OR state IN ('withdrawn', 'ended')",
            name=op.f("ck_marriage_cloud_ceremonies_erased_once_over"),
        ),
        sa.CheckConstraint(
            "state = 'agreed' OR num_nonnulls(link_sealed, token_sealed, token_hash) = 0",
            name=op.f("ck_marriage_cloud_ceremonies_link"),
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (erased_by IS NULL)", name=op.f("ck_marriage_cloud_ceremonies_erased_by_somebody")
        ),
        sa.CheckConstraint(
            "num_nonnulls(link_sealed, token_sealed, token_hash) IN (0, 3)",
            name=op.f("ck_marriage_cloud_ceremonies_link_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["ceremony_id"],
            ["marriage_ceremonies.id"],
            name=op.f("fk_marriage_cloud_ceremonies_ceremony_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["erased_by"],
            ["staff_accounts.id"],
            name=op.f("fk_marriage_cloud_ceremonies_erased_by"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_cloud_ceremonies")),
        sa.UniqueConstraint("ceremony_id", name=op.f("uq_marriage_cloud_ceremonies_ceremony_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_marriage_cloud_ceremonies_token_hash")),
    )
    op.create_index(
        "ix_marriage_cloud_ceremonies_delete_from",
        "marriage_cloud_ceremonies",
        ["delete_from"],
        unique=False,
        postgresql_where=sa.text("state IN ('asked', 'agreed')"),
    )
    op.create_index(
        op.f("ix_marriage_cloud_ceremonies_erased_by"), "marriage_cloud_ceremonies", ["erased_by"], unique=False
    )


def _make_cloud_consents() -> None:
    op.create_table(
        "marriage_cloud_consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cloud_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cloud_id"],
            ["marriage_cloud_ceremonies.id"],
            name=op.f("fk_marriage_cloud_consents_cloud_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_marriage_cloud_consents_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_cloud_consents")),
    )
    op.create_index("ix_marriage_cloud_consents_cloud_id", "marriage_cloud_consents", ["cloud_id", "id"], unique=False)
    op.create_index(
        op.f("ix_marriage_cloud_consents_person_id"), "marriage_cloud_consents", ["person_id"], unique=False
    )


# In the order of taking them away.
TABLES = (
    "marriage_cloud_consents",
    "marriage_cloud_ceremonies",
    "marriage_group_entry_events",
    "marriage_group_entries",
    "marriage_group_events",
    "marriage_weather_switches",
    "marriage_ceremony_events",
    "marriage_ceremonies",
    "marriage_resource_cells",
    "marriage_resource_bookings",
    "marriage_resource_days",
    "marriage_resource_hours",
    "marriage_resources",
)
