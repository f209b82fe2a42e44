"""Marriage: requests to the archive, and the log of what was read.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("archive_requests", "archive_subjects", "archive_request_events", "archive_inspections")
APPLICANTS = ("self", "proxy", "lawyer", "heir", "other", "court", "procuratorate", "police", "state_security")
STATES = (
    "asked",
    "searching",
    "need_more",
    "located",
    "ready",
    "referred",
    "not_found",
    "visited",
    "refused",
    "lapsed",
    "withdrawn",
    "ended",
)
PAPERS = (
    "resident_identity_card",
    "hk_macau_taiwan_residence_permit",
    "foreign_permanent_resident_card",
    "hk_macau_travel_permit",
    "taiwan_travel_permit",
    "passport",
)
SOUGHT = ("marriage_record", "divorce_record", "record_proof", "reissue_check")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _refers(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE archive_request_numbers")
    op.create_table("archive_requests", *_request_columns(), *_course_columns(), *_request_rules())
    op.create_table("archive_subjects", *_subject_columns(), *_subject_rules())
    op.create_table("archive_request_events", *_event_columns(), *_event_rules())
    op.create_table("archive_inspections", *_inspection_columns(), *_inspection_rules())
    _index_requests()
    _index_subjects()
    _index_events()
    _index_inspections()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP SEQUENCE archive_request_numbers")


def _request_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("applicant_kind", _one_of("applicantkind", APPLICANTS), nullable=False),
        sa.Column("applicant_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("applicant_name_index", sa.LargeBinary(), nullable=False),
        sa.Column("applicant_id_type", _one_of("idtype", PAPERS), nullable=True),
        sa.Column("applicant_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("applicant_number_index", sa.LargeBinary(), nullable=True),
        sa.Column("applicant_last4", sa.String(4), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_last4", sa.String(4), nullable=True),
        sa.Column("authority_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
    ]


def _course_columns() -> list[sa.Column]:
    return [
        sa.Column("sought", _one_of("sought", SOUGHT), nullable=False),
        sa.Column("registration", _one_of("registration", ("marriage", "divorce")), nullable=False),
        sa.Column("first_year", sa.SmallInteger(), nullable=False),
        sa.Column("last_year", sa.SmallInteger(), nullable=False),
        sa.Column("registered_at_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_index", sa.LargeBinary(), nullable=True),
        sa.Column("without_number", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("via", _one_of("via", ("chat", "api", "counter")), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("state", _one_of("archivestate", STATES), nullable=False),
        sa.Column(
            "open",
            sa.Boolean(),
            sa.Computed("state IN ('asked', 'located', 'need_more', 'ready', 'searching')", persisted=True),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_from", sa.Date(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("approved_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("archivist_id", sa.Uuid(), nullable=True),
        sa.Column("question_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kept_at", _one_of("keptat", ("here", "district_archive", "elsewhere")), nullable=True),
        sa.Column("volume", sa.String(60), nullable=True),
        sa.Column("kept_name", sa.String(60), nullable=True),
        sa.Column("kept_address", sa.String(120), nullable=True),
        sa.Column("kept_phone", sa.String(30), nullable=True),
        sa.Column("located_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "not_found_why",
            _one_of("notfoundwhy", ("not_in_volumes", "volumes_lost", "not_registered_here", "never_registered")),
            nullable=True,
        ),
        sa.Column("copies", sa.SmallInteger(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
    ]


def _request_rules() -> list[sa.Constraint]:
    return [
        _rule("archive_requests", "not_found_for_a_reason", "(state = 'not_found') = (not_found_why IS NOT NULL)"),
        _rule("archive_requests", "visited_with_a_count", "(state = 'visited') = (copies IS NOT NULL)"),
        _rule(
            "archive_requests",
            "ended_once_over",
            "(state IN ('asked', 'located', 'need_more', 'ready', 'searching')) = (ended_at IS NULL)",
        ),
        _rule("archive_requests", "waits_until_a_day", "(state IN ('need_more', 'ready')) = (until IS NOT NULL)"),
        _rule("archive_requests", "entered_by_somebody", "(via = 'counter') = (created_by IS NOT NULL)"),
        _rule(
            "archive_requests",
            "searched_with_approval",
            "applicant_kind NOT IN ('heir', 'other') OR approved_at IS NOT NULL "
            "OR state IN ('asked', 'refused', 'withdrawn', 'ended')",
        ),
        _rule("archive_requests", "divorce_of_a_divorce", "sought <> 'divorce_record' OR registration = 'divorce'"),
        _rule("archive_requests", "marriage_of_a_marriage", "sought <> 'marriage_record' OR registration = 'marriage'"),
        _rule("archive_requests", "referred_elsewhere", "state <> 'referred' OR kept_at <> 'here'"),
        _rule(
            "archive_requests",
            "located_somewhere",
            "state NOT IN ('located', 'ready', 'referred', 'visited') OR kept_at IS NOT NULL",
        ),
        _rule(
            "archive_requests",
            "applicant_is_whole",
            "(applicant_number_sealed IS NULL) = (applicant_number_index IS NULL) "
            "AND (applicant_number_sealed IS NULL) = (applicant_last4 IS NULL)",
        ),
        _rule("archive_requests", "approved_by_somebody", "(approved_at IS NULL) = (approved_by IS NULL)"),
        _rule("archive_requests", "certificate_is_whole", "(certificate_sealed IS NULL) = (certificate_index IS NULL)"),
        _rule("archive_requests", "phone_is_whole", "(phone_sealed IS NULL) = (phone_last4 IS NULL)"),
        _rule(
            "archive_requests", "approved_by_another", "approved_by IS DISTINCT FROM created_by OR approved_by IS NULL"
        ),
        _rule("archive_requests", "copies_counted", "copies >= 0"),
        _rule("archive_requests", "years_in_order", "first_year <= last_year"),
        _refers("archive_requests", "appointment_id", "marriage_appointments.id", "SET NULL"),
        _refers("archive_requests", "approved_by", "staff_accounts.id"),
        _refers("archive_requests", "archivist_id", "staff_accounts.id"),
        _refers("archive_requests", "created_by", "staff_accounts.id"),
        _refers("archive_requests", "office_id", "marriage_offices.id"),
        _refers("archive_requests", "person_id", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_archive_requests_number")),
    ]


def _index_requests() -> None:
    table = "archive_requests"
    op.create_index("ix_archive_requests_applicant_last4", table, ["applicant_last4"])
    op.create_index("ix_archive_requests_applicant_name_index", table, ["applicant_name_index"])
    op.create_index("ix_archive_requests_applicant_number_index", table, ["applicant_number_index"])
    op.create_index("ix_archive_requests_appointment_id", table, ["appointment_id"])
    op.create_index("ix_archive_requests_approved_by", table, ["approved_by"])
    op.create_index("ix_archive_requests_archivist_id", table, ["archivist_id"])
    op.create_index("ix_archive_requests_certificate_index", table, ["certificate_index"])
    op.create_index("ix_archive_requests_created_by", table, ["created_by"])
    op.create_index(
        "ix_archive_requests_due_provisional", table, ["id"], postgresql_where=sa.text("due_provisional AND open")
    )
    op.create_index(
        "ix_archive_requests_ended_at", table, ["ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL")
    )
    op.create_index("ix_archive_requests_office_id_created_at", table, ["office_id", "created_at", "id"])
    op.create_index("ix_archive_requests_office_id_due_on", table, ["office_id", "due_on", "id"])
    op.create_index("ix_archive_requests_person_id", table, ["person_id"])
    op.create_index("ix_archive_requests_phone_last4", table, ["phone_last4"])
    op.create_index(
        "ix_archive_requests_until", table, ["until"], postgresql_where=sa.text("state IN ('need_more', 'ready')")
    )
    op.create_index(
        "uq_archive_requests_one_open",
        table,
        ["person_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("open"),
    )


def _subject_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("former_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("former_name_index", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=True),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("native_place_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("work_unit_sealed", sa.LargeBinary(), nullable=True),
    ]


def _subject_rules() -> list[sa.Constraint]:
    return [
        _rule("archive_subjects", "former_name_is_whole", "(former_name_sealed IS NULL) = (former_name_index IS NULL)"),
        _rule("archive_subjects", "number_is_whole", "(id_number_sealed IS NULL) = (id_number_index IS NULL)"),
        _rule("archive_subjects", "one_of_two", "position IN (0, 1)"),
        _refers("archive_subjects", "request_id", "archive_requests.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_subjects")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_archive_subjects_request_id_position")),
    ]


def _index_subjects() -> None:
    table = "archive_subjects"
    op.create_index("ix_archive_subjects_former_name_index", table, ["former_name_index"])
    op.create_index("ix_archive_subjects_id_number_index", table, ["id_number_index"])
    op.create_index("ix_archive_subjects_name_index", table, ["name_index"])


def _event_columns() -> list[sa.Column]:
    return [
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("from_state", _one_of("from_state", STATES), nullable=True),
        sa.Column("to_state", _one_of("to_state", STATES), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
    ]


def _event_rules() -> list[sa.Constraint]:
    return [
        _refers("archive_request_events", "request_id", "archive_requests.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_request_events")),
    ]


def _index_events() -> None:
    table = "archive_request_events"
    op.create_index("ix_archive_request_events_request_id", table, ["request_id", "id"])


def _inspection_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("request_number", sa.String(20), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("shown_by", sa.Uuid(), nullable=False),
        sa.Column("applicant_kind", _one_of("applicantkind", APPLICANTS), nullable=False),
        sa.Column("reader_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reader_number_index", sa.LargeBinary(), nullable=True),
        sa.Column("authority_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("papers_seen", postgresql.JSONB(), nullable=False),
        sa.Column("sought", _one_of("sought", SOUGHT), nullable=False),
        sa.Column("volume", sa.String(60), nullable=True),
        sa.Column("copies", sa.SmallInteger(), nullable=False),
    ]


def _inspection_rules() -> list[sa.Constraint]:
    return [
        _rule("archive_inspections", "copies_counted", "copies >= 0"),
        _refers("archive_inspections", "office_id", "marriage_offices.id"),
        _refers("archive_inspections", "request_id", "archive_requests.id", "SET NULL"),
        _refers("archive_inspections", "shown_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_inspections")),
        sa.UniqueConstraint("request_id", name=op.f("uq_archive_inspections_request_id")),
    ]


def _index_inspections() -> None:
    table = "archive_inspections"
    op.create_index("ix_archive_inspections_at", table, ["at"])
    op.create_index("ix_archive_inspections_office_id_at", table, ["office_id", "at", "id"])
    op.create_index("ix_archive_inspections_reader_number_index", table, ["reader_number_index"])
    op.create_index("ix_archive_inspections_shown_by", table, ["shown_by"])
