"""Consent, requests about one's own data, retention.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = "state IN ('received', 'in_work')"
REQUEST_STATES = ("received", "in_work", "done", "refused")
REQUEST_KINDS = ("export", "correct", "delete", "close_account", "take_down")
RELATIONS = ("spouse", "parent", "child", "sibling", "grandparent", "grandchild")
REFUSALS = (
    "kept_by_law",
    "still_under_way",
    "legal_hold",
    "not_proven",
    "nothing_held",
    "already_right",
    "fixed_once_booked",
    "concerns_others",
)
MARRIAGE_KINDS = (
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
APPOINTMENT_STATES = (
    "held",
    "expired",
    "booked",
    "confirmed",
    "refused",
    "cancelled",
    "checked_in",
    "served",
    "failed_documents",
    "no_show",
)
TABLES = (
    "rights_request_events",
    "data_exports",
    "rights_requests",
    "privacy_notices_shown",
    "marriage_appointment_counts",
    "legal_holds",
    "consent_events",
    "retention_runs",
    "reminder_refusals",
)


def upgrade() -> None:
    _create_consent()
    _create_requests()
    _create_request_parts()
    _create_holds()
    _create_retention()
    op.add_column(
        "conversations", sa.Column("notice_version", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("marriage_appointments", sa.Column("blocked_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.create_index("ix_marriage_appointments_state_changed_at", "marriage_appointments", ["state", "changed_at"])
    # A choice is never rewritten; two rows of one person may be joined, and old rows go as a whole.
    op.execute("""
        CREATE TRIGGER consent_events_append_only
        BEFORE UPDATE OF purpose, version, given, at, via, account_id ON consent_events
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)


def _listed(name: str, members: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=40)


def _via() -> sa.Enum:
    return _listed("via", ("chat", "api", "desk"))


def _person(table: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["persons.id"], name=op.f(f"fk_{table}_person_id"), ondelete=ondelete
    )


def _account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["staff_accounts.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT"
    )


def _create_consent() -> None:
    op.create_table(
        "consent_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("via", _via(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(via = 'desk') = (account_id IS NOT NULL)", name=op.f("ck_consent_events_account_at_the_desk")
        ),
        _account("consent_events", "account_id"),
        _person("consent_events"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_events")),
    )
    op.create_index(op.f("ix_consent_events_account_id"), "consent_events", ["account_id"])
    op.create_index("ix_consent_events_at", "consent_events", ["at"])
    op.create_index("ix_consent_events_person_id_purpose_id", "consent_events", ["person_id", "purpose", "id"])
    op.create_table(
        "privacy_notices_shown",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("via", _via(), nullable=False),
        _person("privacy_notices_shown", "CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "version", name=op.f("pk_privacy_notices_shown")),
    )
    op.create_table(
        "reminder_refusals",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", name=op.f("pk_reminder_refusals")),
    )


def _create_requests() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _listed("requestkind", REQUEST_KINDS), nullable=False),
        sa.Column("state", _listed("requeststate", REQUEST_STATES), nullable=False),
        sa.Column("via", _via(), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("applicant_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("applicant_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("relation", _listed("relation", RELATIONS), nullable=True),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("refusal", _listed("refusalreason", REFUSALS), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *_request_checks(),
        _account("rights_requests", "handler_id"),
        _person("rights_requests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
        sa.UniqueConstraint("serial", name=op.f("uq_rights_requests_serial")),
    )
    op.create_index("ix_rights_requests_closed_at", "rights_requests", ["closed_at"])
    op.create_index(
        "ix_rights_requests_due_on_id", "rights_requests", ["due_on", "id"], postgresql_where=sa.text(OPEN)
    )
    op.create_index(op.f("ix_rights_requests_handler_id"), "rights_requests", ["handler_id"])
    op.create_index("ix_rights_requests_person_id_received_at", "rights_requests", ["person_id", "received_at"])
    op.create_index("ix_rights_requests_received_at_id", "rights_requests", ["received_at", "id"])
    op.create_index(
        "uq_rights_requests_one_open",
        "rights_requests",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text(OPEN),
    )


def _request_checks() -> list[sa.CheckConstraint]:
    checks = {
        "refused_for_a_reason": "(state = 'refused') = (refusal IS NOT NULL)",
        "closed_once_answered": f"({OPEN}) = (closed_at IS NULL)",
        "relative_with_evidence": (
            "CASE WHEN kind = 'take_down' THEN num_nonnulls(applicant_name_sealed, relation, evidence_sealed) = 3 "
            "ELSE num_nonnulls(applicant_name_sealed, applicant_phone_sealed, relation, evidence_sealed) = 0 END"
        ),
        "correction_in_words": "kind <> 'correct' OR words_sealed IS NOT NULL",
        "relatives_come_to_the_desk": "kind <> 'take_down' OR via = 'desk'",
    }
    return [sa.CheckConstraint(text, name=op.f(f"ck_rights_requests_{name}")) for name, text in checks.items()]


def _create_request_parts() -> None:
    request = {"columns": ["request_id"], "refcolumns": ["rights_requests.id"], "ondelete": "CASCADE"}
    op.create_table(
        "data_exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(name=op.f("fk_data_exports_request_id"), **request),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_exports")),
        sa.UniqueConstraint("request_id", name=op.f("uq_data_exports_request_id")),
    )
    op.create_index("ix_data_exports_made_at", "data_exports", ["made_at"])
    op.create_table(
        "rights_request_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("from_state", _listed("from_state", REQUEST_STATES), nullable=True),
        sa.Column("to_state", _listed("to_state", REQUEST_STATES), nullable=False),
        sa.ForeignKeyConstraint(name=op.f("fk_rights_request_events_request_id"), **request),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_request_events")),
    )
    op.create_index("ix_rights_request_events_request_id", "rights_request_events", ["request_id"])


def _create_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_legal_holds_lifted_by_somebody")
        ),
        _account("legal_holds", "lifted_by"),
        _person("legal_holds"),
        _account("legal_holds", "placed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index("ix_legal_holds_lifted_at", "legal_holds", ["lifted_at"])
    op.create_index(op.f("ix_legal_holds_lifted_by"), "legal_holds", ["lifted_by"])
    op.create_index("ix_legal_holds_person_id", "legal_holds", ["person_id"])
    op.create_index(op.f("ix_legal_holds_placed_by"), "legal_holds", ["placed_by"])
    op.create_index(
        "uq_legal_holds_one_standing",
        "legal_holds",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _create_retention() -> None:
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("erased", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.CheckConstraint("erased >= 0 AND batches >= 0", name=op.f("ck_retention_runs_counted_upwards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index("ix_retention_runs_ended_at", "retention_runs", ["ended_at"])
    op.create_index("ix_retention_runs_rule_id", "retention_runs", ["rule", "id"])
    op.create_index(
        "uq_retention_runs_one_open",
        "retention_runs",
        ["rule"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "marriage_appointment_counts",
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _listed("kind", MARRIAGE_KINDS), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", _listed("state", APPOINTMENT_STATES), nullable=False),
        sa.Column("via", _listed("via", ("chat", "api")), nullable=False),
        sa.Column("appointments", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "EXTRACT(day FROM month) = 1", name=op.f("ck_marriage_appointment_counts_first_of_the_month")
        ),
        sa.CheckConstraint("appointments > 0", name=op.f("ck_marriage_appointment_counts_counted")),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["marriage_offices.id"],
            name=op.f("fk_marriage_appointment_counts_office_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint(
            "office_id", "kind", "month", "state", "via", name=op.f("pk_marriage_appointment_counts")
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_marriage_appointments_state_changed_at", table_name="marriage_appointments")
    op.drop_column("marriage_appointments", "blocked_at")
    op.drop_column("conversations", "notice_version")
    for table in TABLES:
        op.drop_table(table)
