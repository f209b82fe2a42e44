"""Marriage: counsellors, counselling sessions with sealed notes, calls back; two roles.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ROLES = (
    "registrar",
    "registry_head",
    "counter_clerk",
    "privacy_officer",
    "auditor",
    "supervisor",
    "social_worker",
    "administrator",
)
NEW_ROLES = ("counsellor", "counselling_supervisor")
KINDS = ("venue", "officiant")
NEW_KINDS = ("room", "counsellor")
STATES = ("booked", "came", "over", "done", "absent", "cancelled")
MATTERS = ("premarital", "relationship", "mediation", "legal", "psychological", "children")
WAYS = ("on_site", "video", "telephone")
PROFESSIONS = ("social_worker", "family_counsellor", "psychologist", "lawyer")
OUTCOMES = ("safe", "referred", "declined", "unreachable", "merged", "moot")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _refers(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _checks(table: str, rules: dict[str, str]) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def upgrade() -> None:
    op.execute("CREATE SEQUENCE counselling_session_numbers")
    _allow("role_assignments", "role", (*ROLES[:-1], *NEW_ROLES, ROLES[-1]))
    _allow("marriage_resources", "kind", (*KINDS, *NEW_KINDS), "resourcekind")
    op.drop_constraint(op.f("ck_marriage_resources_venues_are_nobody"), "marriage_resources", type_="check")
    for name, rule in {
        "venues_are_nobody": "account_id IS NULL OR kind NOT IN ('venue', 'room')",
        "counsellors_are_somebody": "kind <> 'counsellor' OR account_id IS NOT NULL",
    }.items():
        op.create_check_constraint(op.f(f"ck_marriage_resources_{name}"), "marriage_resources", rule)
    _make_counsellors()
    _make_sessions()
    _index_sessions()
    _make_events()
    _make_callbacks()
    _index_callbacks()


def _allow(table: str, column: str, values: tuple[str, ...], name: str = "") -> None:
    constraint = op.f(f"ck_{table}_{name or column}")
    op.drop_constraint(constraint, table, type_="check")
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(constraint, table, f"{column} IN ({listed})")


def _make_counsellors() -> None:
    table = "counsellors"
    op.create_table(
        table,
        _id("resource_id"),
        sa.Column("profession", _one_of("profession", PROFESSIONS), nullable=False),
        *(sa.Column(way, sa.Boolean(), nullable=False) for way in WAYS),
        *_checks(table, {"can_be_met": "on_site OR video OR telephone"}),
        _refers(table, "resource_id", "marriage_resources.id"),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_counsellors")),
    )


def _make_sessions() -> None:
    table = "counselling_sessions"
    sealed = ("name", "phone", "guardian", "about", "link", "note")
    op.create_table(
        table,
        _id("id"),
        sa.Column("number", sa.String(20), nullable=False),
        _id("office_id"),
        _id("person_id"),
        _id("counsellor_id"),
        _id("booking_id", nullable=True),
        _id("room_id", nullable=True),
        _id("room_booking_id", nullable=True),
        sa.Column("matter", _one_of("matter", MATTERS), nullable=False),
        sa.Column("way", _one_of("way", WAYS), nullable=False),
        *(sa.Column(flag, sa.Boolean(), nullable=False) for flag in ("together", "minor", "at_risk")),
        _moment("starts_at"),
        _moment("ends_at"),
        *(sa.Column(f"{field}_sealed", sa.LargeBinary(), nullable=True) for field in sealed),
        _moment("noted_at", nullable=True),
        sa.Column("state", _one_of("sessionstate", STATES), nullable=False),
        sa.Column("via", _one_of("via", ("chat", "api", "desk")), nullable=False),
        _moment("created_at"),
        _moment("changed_at"),
        *_checks(
            table,
            {
                "in_order": "ends_at > starts_at",
                "has_a_time": "(state = 'booked') = (booking_id IS NOT NULL)",
                "has_a_room": "state <> 'booked' OR (way = 'on_site') = (room_booking_id IS NOT NULL)",
                "room_while_booked": "state = 'booked' OR room_booking_id IS NULL",
                "contact_is_whole": "(name_sealed IS NULL) = (phone_sealed IS NULL)",
                "can_be_reached": "state <> 'booked' OR phone_sealed IS NOT NULL",
                "minors_with_a_guardian": "NOT minor OR guardian_sealed IS NOT NULL OR phone_sealed IS NULL",
                "together_where_it_fits": "NOT together OR matter NOT IN ('legal', 'psychological')",
                "link_of_a_video": "link_sealed IS NULL OR way = 'video'",
                "noted_at_a_time": "(note_sealed IS NULL) = (noted_at IS NULL)",
                "note_of_a_talk": "note_sealed IS NULL OR state NOT IN ('booked', 'cancelled')",
            },
        ),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "person_id", "persons.id"),
        _refers(table, "counsellor_id", "marriage_resources.id"),
        _refers(table, "room_id", "marriage_resources.id"),
        _refers(table, "booking_id", "marriage_resource_bookings.id"),
        _refers(table, "room_booking_id", "marriage_resource_bookings.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.UniqueConstraint(column, name=op.f(f"uq_{table}_{column}"))
            for column in ("number", "booking_id", "room_booking_id")
        ),
    )


def _index_sessions() -> None:
    table = "counselling_sessions"
    op.create_index(
        f"uq_{table}_one_booked", table, ["person_id"], unique=True, postgresql_where=sa.text("state = 'booked'")
    )
    op.create_index(f"ix_{table}_person_id_created_at", table, ["person_id", "created_at", "id"])
    op.create_index(f"ix_{table}_counsellor_id_starts_at", table, ["counsellor_id", "starts_at", "id"])
    op.create_index(f"ix_{table}_office_id_starts_at", table, ["office_id", "starts_at", "id"])
    op.create_index(f"ix_{table}_ends_at", table, ["ends_at"])
    op.create_index(f"ix_{table}_room_id", table, ["room_id"])


def _make_events() -> None:
    table = "counselling_session_events"
    op.create_table(
        table,
        _id("session_id"),
        sa.Column("from_state", _one_of("from_state", STATES), nullable=True),
        sa.Column("to_state", _one_of("to_state", STATES), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _moment("at"),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(20), nullable=False),
        _id("actor_id", nullable=True),
        _refers(table, "session_id", "counselling_sessions.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_session_id", table, ["session_id", "id"])


def _make_callbacks() -> None:
    table = "counselling_callbacks"
    op.create_table(
        table,
        _id("id"),
        _id("office_id"),
        _id("person_id"),
        _id("session_id", nullable=True),
        sa.Column("crisis", _one_of("crisis", ("violence", "despair")), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        _moment("raised_at"),
        _moment("due_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", _one_of("callbackstate", ("open", "taken", "closed")), nullable=False),
        _id("taken_by", nullable=True),
        _moment("taken_at", nullable=True),
        sa.Column("outcome", _one_of("outcome", OUTCOMES), nullable=True),
        _moment("closed_at", nullable=True),
        *_checks(
            table,
            {
                "in_order": "due_at >= raised_at",
                "attempts_counted": "attempts >= 0",
                "taken_at_a_time": "(taken_by IS NULL) = (taken_at IS NULL)",
                "open_is_nobodys": "state <> 'open' OR taken_by IS NULL",
                "taken_by_somebody": "state <> 'taken' OR taken_by IS NOT NULL",
                "closed_with_an_outcome": (
                    "(state = 'closed') = (outcome IS NOT NULL) AND (state = 'closed') = (closed_at IS NOT NULL)"
                ),
                "closed_by_a_person": "state <> 'closed' OR outcome IN ('merged', 'moot') OR taken_by IS NOT NULL",
            },
        ),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "person_id", "persons.id"),
        _refers(table, "session_id", "counselling_sessions.id", "SET NULL"),
        _refers(table, "taken_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _index_callbacks() -> None:
    table, open_ = "counselling_callbacks", sa.text("state <> 'closed'")
    op.create_index(f"uq_{table}_one_open", table, ["person_id"], unique=True, postgresql_where=open_)
    for column in ("person_id", "session_id", "taken_by"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(f"ix_{table}_due_at", table, ["due_at", "id"], postgresql_where=open_)
    op.create_index(f"ix_{table}_office_id_raised_at", table, ["office_id", "raised_at", "id"])


def downgrade() -> None:
    for table in ("counselling_callbacks", "counselling_session_events", "counselling_sessions", "counsellors"):
        op.drop_table(table)
    gone = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    of_gone = f"resource_id IN (SELECT id FROM marriage_resources WHERE kind IN ({gone}))"  # noqa: S608 - constants
    for table in ("marriage_resource_cells", "marriage_resource_bookings"):
        op.execute(f"DELETE FROM {table} WHERE {of_gone}")  # noqa: S608
    op.execute(f"DELETE FROM marriage_resources WHERE kind IN ({gone})")  # noqa: S608
    for name in ("counsellors_are_somebody", "venues_are_nobody"):
        op.drop_constraint(op.f(f"ck_marriage_resources_{name}"), "marriage_resources", type_="check")
    op.create_check_constraint(
        op.f("ck_marriage_resources_venues_are_nobody"), "marriage_resources", "account_id IS NULL OR kind <> 'venue'"
    )
    _allow("marriage_resources", "kind", KINDS, "resourcekind")
    # Whoever held the two roles holds nothing any more: they are gone.
    roles = ", ".join(f"'{role}'" for role in NEW_ROLES)
    op.execute(f"DELETE FROM role_assignments WHERE role IN ({roles}) AND source_id IS NOT NULL")  # noqa: S608
    op.execute(f"DELETE FROM role_assignments WHERE role IN ({roles})")  # noqa: S608
    _allow("role_assignments", "role", ROLES)
    op.execute("DROP SEQUENCE counselling_session_numbers")
