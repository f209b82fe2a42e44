"""Marriage: divorce cases and their clock; social workers.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID_TYPES = (
    "resident_identity_card",
    "hk_macau_taiwan_residence_permit",
    "foreign_permanent_resident_card",
    "hk_macau_travel_permit",
    "taiwan_travel_permit",
    "passport",
)
STATES = ("accepted", "cooling", "window", "withdrawn", "issued", "lapsed", "ended")
OPEN = "state IN ('accepted', 'cooling', 'window')"
ROLES = (
    "registrar",
    "registry_head",
    "counter_clerk",
    "privacy_officer",
    "auditor",
    "supervisor",
    "administrator",
)


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
    op.execute("CREATE SEQUENCE divorce_case_numbers")
    _allow_roles((*ROLES[:-1], "social_worker", ROLES[-1]))
    _make_cases()
    _make_parties()
    _make_events()
    _make_care()
    _make_contacts()


def _allow_roles(roles: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_role_assignments_role"), "role_assignments", type_="check")
    listed = ", ".join(f"'{role}'" for role in roles)
    op.create_check_constraint(op.f("ck_role_assignments_role"), "role_assignments", f"role IN ({listed})")


def _make_cases() -> None:
    table = "divorce_cases"
    days = ("d0", "cool_nominal", "cool_last", "win_first", "win_last")
    flags = ("cool_provisional", "provisional", "fixed", "certificate_booked")
    op.create_table(
        table,
        _id("id"),
        sa.Column("number", sa.String(20), nullable=False),
        _id("office_id"),
        _id("appointment_id", nullable=True),
        sa.Column("receipt_number", sa.String(14), nullable=False),
        *(sa.Column(day, sa.Date(), nullable=False) for day in days),
        *(sa.Column(flag, sa.Boolean(), nullable=False) for flag in flags),
        sa.Column("state", _one_of("casestate", STATES), nullable=False),
        sa.Column("open", sa.Boolean(), sa.Computed(OPEN, persisted=True), nullable=False),
        _moment("created_at"),
        _moment("changed_at"),
        _moment("ended_at", nullable=True),
        *_checks(
            table,
            {
                "cooling_in_order": "d0 < cool_nominal AND cool_nominal <= cool_last",
                "window_in_order": "cool_last < win_first AND win_first <= win_last",
                "provisional_is_whole": "provisional OR NOT cool_provisional",
                "ended_once_over": f"({OPEN}) = (ended_at IS NULL)",
                "booked_within_the_window": "state = 'window' OR NOT certificate_booked",
            },
        ),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "appointment_id", "marriage_appointments.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divorce_cases")),
        sa.UniqueConstraint("id", "open", name=op.f("uq_divorce_cases_id_open")),
        sa.UniqueConstraint("number", name=op.f("uq_divorce_cases_number")),
        sa.UniqueConstraint("office_id", "receipt_number", name=op.f("uq_divorce_cases_office_id_receipt_number")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_divorce_cases_appointment_id")),
    )
    op.create_index("ix_divorce_cases_office_id_win_last", table, ["office_id", "win_last", "id"])
    op.create_index("ix_divorce_cases_office_id_created_at", table, ["office_id", "created_at", "id"])
    op.create_index("ix_divorce_cases_open", table, ["id"], postgresql_where=sa.text("open"))
    op.create_index("ix_divorce_cases_ended_at", table, ["ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL"))


def _make_parties() -> None:
    table = "divorce_parties"
    op.create_table(
        table,
        _id("id"),
        _id("case_id"),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        _id("person_id", nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("id_type", _one_of("idtype", ID_TYPES), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_last4", sa.String(4), nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        *_checks(
            table,
            {
                "one_of_two": "position IN (0, 1)",
                "phone_is_whole": "(phone_sealed IS NULL) = (phone_last4 IS NULL)",
            },
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "open"],
            ["divorce_cases.id", "divorce_cases.open"],
            name=op.f("fk_divorce_parties_case"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        _refers(table, "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divorce_parties")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_divorce_parties_case_id_position")),
    )
    op.create_index(
        "uq_divorce_parties_one_open", table, ["id_number_index"], unique=True, postgresql_where=sa.text("open")
    )
    for column in ("id_number_index", "name_index", "last4", "phone_last4", "person_id"):
        op.create_index(f"ix_divorce_parties_{column}", table, [column])


def _make_events() -> None:
    table = "divorce_case_events"
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _moment("at"),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(20), nullable=False),
        _id("actor_id", nullable=True),
        _id("case_id"),
        sa.Column("from_state", _one_of("from_state", STATES), nullable=True),
        sa.Column("to_state", _one_of("to_state", STATES), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("detail", JSONB(), nullable=False),
        _refers(table, "case_id", "divorce_cases.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divorce_case_events")),
    )
    op.create_index("ix_divorce_case_events_case_id", table, ["case_id", "id"])


def _make_care() -> None:
    table = "divorce_care"
    op.create_table(
        table,
        _id("id"),
        _id("office_id"),
        _id("person_id"),
        _id("party_id", nullable=True),
        _id("worker_id", nullable=True),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        sa.Column("ended_because", _one_of("careend", ("opted_out", "case_over")), nullable=True),
        *_checks(
            table,
            {
                "ended_for_a_reason": "(ended_at IS NULL) = (ended_because IS NULL)",
                "running_for_a_party": "ended_at IS NOT NULL OR party_id IS NOT NULL",
            },
        ),
        _refers(table, "office_id", "marriage_offices.id"),
        _refers(table, "person_id", "persons.id"),
        _refers(table, "party_id", "divorce_parties.id", "SET NULL"),
        _refers(table, "worker_id", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divorce_care")),
    )
    running, ended = sa.text("ended_at IS NULL"), sa.text("ended_at IS NOT NULL")
    op.create_index("uq_divorce_care_one_running", table, ["party_id"], unique=True, postgresql_where=running)
    for column in ("party_id", "person_id", "worker_id"):
        op.create_index(f"ix_divorce_care_{column}", table, [column])
    op.create_index("ix_divorce_care_office_id_started_at", table, ["office_id", "started_at", "id"])
    op.create_index("ix_divorce_care_ended_at", table, ["ended_at"], postgresql_where=ended)


def _make_contacts() -> None:
    table = "divorce_care_contacts"
    states = ("due", "reached", "not_reached", "dropped")
    op.create_table(
        table,
        _id("id"),
        _id("care_id"),
        sa.Column("day_number", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", _one_of("contactstate", states), nullable=False),
        _moment("done_at", nullable=True),
        _id("done_by", nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        *_checks(
            table,
            {
                "done_at_a_time": "(state IN ('reached', 'not_reached')) = (done_at IS NOT NULL)",
                "done_by_somebody": "(done_at IS NULL) = (done_by IS NULL)",
                "note_of_a_contact": "note_sealed IS NULL OR done_at IS NOT NULL",
            },
        ),
        _refers(table, "care_id", "divorce_care.id", "CASCADE"),
        _refers(table, "done_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_divorce_care_contacts")),
        sa.UniqueConstraint("care_id", "day_number", name=op.f("uq_divorce_care_contacts_care_id_day_number")),
    )
    op.create_index("ix_divorce_care_contacts_done_by", table, ["done_by"])
    op.create_index(
        "ix_divorce_care_contacts_due_on", table, ["due_on", "id"], postgresql_where=sa.text("state = 'due'")
    )


def downgrade() -> None:
    for table in (
        "divorce_care_contacts",
        "divorce_care",
        "divorce_case_events",
        "divorce_parties",
        "divorce_cases",
    ):
        op.drop_table(table)
    # Whoever was a social worker holds nothing any more: the role is gone.
    op.execute("DELETE FROM role_assignments WHERE role = 'social_worker' AND source_id IS NOT NULL")
    op.execute("DELETE FROM role_assignments WHERE role = 'social_worker'")
    _allow_roles(ROLES)
    op.execute("DROP SEQUENCE divorce_case_numbers")
