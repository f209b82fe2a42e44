"""Marriage: kinds of business, areas of a registry, places counted in window-minutes.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_AREAS = ("marriage_hall", "divorce_room", "service_window")
_KINDS = (
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
_LENGTH = "(EXTRACT(epoch FROM ends_at - starts_at) / 60)::int"


def _area() -> sa.Enum:
    return sa.Enum(*_AREAS, name="area", native_enum=False, create_constraint=True, length=40)


def _kind() -> sa.Enum:
    return sa.Enum(*_KINDS, name="kind", native_enum=False, create_constraint=True, length=40)


def _kinds(**options: object) -> sa.Column:
    return sa.Column("kinds", postgresql.ARRAY(sa.String(40)), **options)


def upgrade() -> None:
    _count_minutes()
    _add_days()


def downgrade() -> None:
    op.drop_table("marriage_peak_days")
    op.drop_table("marriage_closures")
    _count_couples()


def _count_minutes() -> None:
    """What was one place is now the minutes of one window for the length of its slot."""
    op.add_column("marriage_slots", sa.Column("area", _area(), nullable=True))
    op.add_column("marriage_slots", _kinds(nullable=True))
    op.add_column("marriage_slots", sa.Column("reserved", sa.Integer(), nullable=True))
    op.add_column("marriage_appointments", sa.Column("minutes", sa.Integer(), nullable=True))
    op.execute(
        f"""
        UPDATE marriage_appointments SET minutes = slot.minutes
        FROM (SELECT id, {_LENGTH} AS minutes FROM marriage_slots) AS slot WHERE slot.id = slot_id
        """  # noqa: S608 - constants of this file
    )
    op.execute(
        f"""
        UPDATE marriage_slots SET area = 'marriage_hall', kinds = ARRAY[kind]::varchar[],
            capacity = capacity * {_LENGTH}, taken = taken * {_LENGTH}, reserved = 0
        """  # noqa: S608 - constants of this file
    )
    op.alter_column("marriage_slots", "area", nullable=False)
    op.alter_column("marriage_slots", "kinds", nullable=False)
    op.alter_column("marriage_slots", "reserved", nullable=False)
    op.create_check_constraint(op.f("ck_marriage_slots_reserved_minutes"), "marriage_slots", "reserved >= 0")
    op.alter_column("marriage_appointments", "minutes", nullable=False)
    op.create_check_constraint(op.f("ck_marriage_slots_for_something"), "marriage_slots", "cardinality(kinds) > 0")
    op.create_check_constraint(op.f("ck_marriage_appointments_some_minutes"), "marriage_appointments", "minutes > 0")
    op.drop_index("ix_marriage_slots_office_id_kind_day", table_name="marriage_slots")
    op.drop_constraint("uq_marriage_slots_office_id_kind_starts_at", "marriage_slots", type_="unique")
    op.drop_column("marriage_slots", "kind")
    op.create_unique_constraint(
        op.f("uq_marriage_slots_office_id_area_starts_at"), "marriage_slots", ["office_id", "area", "starts_at"]
    )
    op.create_index("ix_marriage_slots_office_id_area_day", "marriage_slots", ["office_id", "area", "day"])
    op.create_table(
        "marriage_further_slots",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_marriage_further_slots_some_minutes")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["marriage_appointments.id"],
            name=op.f("fk_marriage_further_slots_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["marriage_slots.id"], name=op.f("fk_marriage_further_slots_slot_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("appointment_id", "slot_id", name=op.f("pk_marriage_further_slots")),
    )
    op.create_index("ix_marriage_further_slots_slot_id", "marriage_further_slots", ["slot_id"])


def _add_days() -> None:
    op.create_table(
        "marriage_closures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("area", _area(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_marriage_closures_in_order")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["marriage_offices.id"], name=op.f("fk_marriage_closures_office_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_closures")),
    )
    op.create_index("ix_marriage_closures_office_id_last_day", "marriage_closures", ["office_id", "last_day"])
    op.create_table(
        "marriage_peak_days",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.JSONB(), nullable=False),
        sa.Column("extra_windows", sa.Integer(), nullable=False),
        _kinds(nullable=False),
        sa.Column("online_share", sa.Float(), nullable=False),
        sa.Column("open_even_if_rest", sa.Boolean(), nullable=False),
        sa.Column("release_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("extra_windows >= 0", name=op.f("ck_marriage_peak_days_no_fewer_windows")),
        sa.CheckConstraint("online_share >= 0 AND online_share <= 1", name=op.f("ck_marriage_peak_days_share_of_one")),
        sa.CheckConstraint("cardinality(kinds) > 0", name=op.f("ck_marriage_peak_days_for_something")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["marriage_offices.id"], name=op.f("fk_marriage_peak_days_office_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_peak_days")),
        sa.UniqueConstraint("office_id", "day", name=op.f("uq_marriage_peak_days_office_id_day")),
    )


def _count_couples() -> None:
    """Back to places of one kind; what the older release does not know, other areas and kinds, is left out."""
    op.drop_table("marriage_further_slots")
    op.execute("DELETE FROM marriage_appointments WHERE kind <> 'marriage_registration'")
    op.execute("DELETE FROM marriage_slots WHERE area <> 'marriage_hall'")
    op.add_column("marriage_slots", sa.Column("kind", _kind(), nullable=True))
    op.execute("ALTER TABLE marriage_slots DROP CONSTRAINT ck_marriage_slots_taken_within_capacity")
    op.execute(
        f"""
        UPDATE marriage_slots AS slot SET kind = 'marriage_registration',
            taken = LEAST(held.places, slot.taken),
            capacity = GREATEST(slot.capacity / {_LENGTH}, LEAST(held.places, slot.taken))
        FROM (
            SELECT id, (
                SELECT count(*) FROM marriage_appointments
                WHERE slot_id = slots.id AND state NOT IN ('expired', 'refused', 'cancelled')
            )::int AS places FROM marriage_slots AS slots
        ) AS held
        WHERE held.id = slot.id
        """  # noqa: S608 - constants of this file
    )
    op.create_check_constraint(
        op.f("ck_marriage_slots_taken_within_capacity"), "marriage_slots", "taken >= 0 AND taken <= capacity"
    )
    op.drop_index("ix_marriage_slots_office_id_area_day", table_name="marriage_slots")
    op.drop_constraint("uq_marriage_slots_office_id_area_starts_at", "marriage_slots", type_="unique")
    op.drop_constraint(op.f("ck_marriage_slots_for_something"), "marriage_slots", type_="check")
    op.drop_constraint(op.f("ck_marriage_slots_reserved_minutes"), "marriage_slots", type_="check")
    op.drop_column("marriage_slots", "reserved")
    op.drop_column("marriage_slots", "area")
    op.drop_column("marriage_slots", "kinds")
    op.alter_column("marriage_slots", "kind", nullable=False)
    op.create_unique_constraint(
        op.f("uq_marriage_slots_office_id_kind_starts_at"), "marriage_slots", ["office_id", "kind", "starts_at"]
    )
    op.create_index("ix_marriage_slots_office_id_kind_day", "marriage_slots", ["office_id", "kind", "day"])
    op.drop_constraint(op.f("ck_marriage_appointments_some_minutes"), "marriage_appointments", type_="check")
    op.drop_column("marriage_appointments", "minutes")
