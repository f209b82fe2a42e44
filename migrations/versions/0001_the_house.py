"""The house: people, staff, calendar, parameters, messages, chat, jobs, marriage.

Long because it makes every first table at once.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotent_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_answers")),
        sa.UniqueConstraint("caller_id", "key", name=op.f("uq_idempotent_answers_caller_id_key")),
    )
    op.create_index("ix_idempotent_answers_created_at", "idempotent_answers", ["created_at"], unique=False)
    op.create_table(
        "inbound_pushes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("reply_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_pushes")),
        sa.UniqueConstraint("app_id", "dedup_key", name=op.f("uq_inbound_pushes_app_id_dedup_key")),
    )
    op.create_index("ix_inbound_pushes_received_at", "inbound_pushes", ["received_at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("beat_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "legal_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("loaded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_legal_years")),
    )
    op.create_table(
        "message_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "product",
            sa.Enum("account", "miniprogram", name="product", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("window_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("window_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("window_left >= 0", name=op.f("ck_message_addresses_window_left_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_addresses")),
        sa.UniqueConstraint("app_id", "openid", name=op.f("uq_message_addresses_app_id_openid")),
    )
    op.create_index("ix_message_addresses_recipient_id", "message_addresses", ["recipient_id"], unique=False)
    op.create_table(
        "message_templates",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "subscribe",
                "template",
                "customer_service",
                "desk",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notice", sa.String(length=80), nullable=False),
        sa.Column("template_id", sa.String(length=80), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=True),
        sa.Column("long_term", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "channel", "notice", name=op.f("pk_message_templates")),
    )
    op.create_table(
        "organisation_nodes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("district", "registry", name="nodekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation_nodes.id"], name=op.f("fk_organisation_nodes_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_nodes")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_nodes_code")),
    )
    op.create_index(op.f("ix_organisation_nodes_parent_id"), "organisation_nodes", ["parent_id"], unique=False)
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("notice", sa.String(length=80), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "uncertain",
                "dead",
                "cancelled",
                "expired",
                name="outboxstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "subscribe",
                "template",
                "customer_service",
                "desk",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("not_after", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_messages_key")),
    )
    op.create_index(
        "ix_outbox_messages_attention",
        "outbox_messages",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('dead', 'uncertain') AND settled_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_messages_due",
        "outbox_messages",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_outbox_messages_recipient_id", "outbox_messages", ["recipient_id"], unique=False)
    op.create_index("ix_outbox_messages_subject", "outbox_messages", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "uq_outbox_messages_one_at_a_time",
        "outbox_messages",
        ["recipient_id"],
        unique=True,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_table(
        "parameter_values",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("effective_from", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_values")),
        sa.UniqueConstraint(
            "key", "scope", "effective_from", name=op.f("uq_parameter_values_key_scope_effective_from")
        ),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice", sa.String(length=80), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("not_after", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "posted",
                "cancelled",
                name="reminderstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("subject_kind", "subject_id", "recipient_id", "notice", name="uq_reminders_subject"),
    )
    op.create_index(
        "ix_reminders_due", "reminders", ["due_at"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("flow", sa.String(length=60), nullable=True),
        sa.Column("state_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_conversations_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("app_id", "openid", name=op.f("uq_conversations_app_id_openid")),
    )
    op.create_index(
        "ix_conversations_expires_at",
        "conversations",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_conversations_person_id"), "conversations", ["person_id"], unique=False)
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "subscribe",
                "template",
                "customer_service",
                "desk",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address_id", sa.Uuid(), nullable=True),
        sa.Column("template_id", sa.String(length=80), nullable=True),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "sent",
                "delivered",
                "refused",
                "not_now",
                "unknown",
                "lost",
                name="attemptoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("rid", sa.String(length=40), nullable=True),
        sa.Column("remote_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"], ["message_addresses.id"], name=op.f("fk_delivery_attempts_address_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_messages.id"], name=op.f("fk_delivery_attempts_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index("ix_delivery_attempts_address_id", "delivery_attempts", ["address_id", "started_at"], unique=False)
    op.create_index("ix_delivery_attempts_message_id", "delivery_attempts", ["message_id"], unique=False)
    op.create_table(
        "legal_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off", "workday", name="daykind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["year"], ["legal_years.year"], name=op.f("fk_legal_days_year"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_legal_days")),
    )
    op.create_index(op.f("ix_legal_days_year"), "legal_days", ["year"], unique=False)
    op.create_table(
        "marriage_offices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["organisation_nodes.id"], name=op.f("fk_marriage_offices_node_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_offices")),
        sa.UniqueConstraint("code", name=op.f("uq_marriage_offices_code")),
        sa.UniqueConstraint("node_id", name=op.f("uq_marriage_offices_node_id")),
    )
    op.create_table(
        "staff_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum("registrar", "administrator", name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["organisation_nodes.id"], name=op.f("fk_staff_accounts_node_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_accounts")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_accounts_username")),
    )
    op.create_index(op.f("ix_staff_accounts_node_id"), "staff_accounts", ["node_id"], unique=False)
    op.create_table(
        "subscription_credits",
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.String(length=80), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_subscription_credits_balance_not_negative")),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["message_addresses.id"],
            name=op.f("fk_subscription_credits_address_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("address_id", "template_id", name=op.f("pk_subscription_credits")),
    )
    op.create_table(
        "wechat_identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("unionid", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_wechat_identities_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_identities")),
        sa.UniqueConstraint("app_id", "openid", name=op.f("uq_wechat_identities_app_id_openid")),
    )
    op.create_index("ix_wechat_identities_person_id", "wechat_identities", ["person_id"], unique=False)
    op.create_index(
        "ix_wechat_identities_unionid",
        "wechat_identities",
        ["unionid"],
        unique=False,
        postgresql_where=sa.text("unionid IS NOT NULL"),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=60), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_audit_entries_account_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_account_id_at", "audit_entries", ["account_id", "at"], unique=False)
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["wechat_identities.id"], name=op.f("fk_login_sessions_identity_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    op.create_index("ix_login_sessions_expires_at", "login_sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_login_sessions_identity_id"), "login_sessions", ["identity_id"], unique=False)
    op.create_table(
        "marriage_slots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_marriage_slots_ends_after_start")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_marriage_slots_taken_within_capacity")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["marriage_offices.id"], name=op.f("fk_marriage_slots_office_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_slots")),
        sa.UniqueConstraint("office_id", "kind", "starts_at", name=op.f("uq_marriage_slots_office_id_kind_starts_at")),
    )
    op.create_index(
        "ix_marriage_slots_office_id_kind_day", "marriage_slots", ["office_id", "kind", "day"], unique=False
    )
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_staff_sessions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_sessions_token_hash")),
    )
    op.create_index(op.f("ix_staff_sessions_account_id"), "staff_sessions", ["account_id"], unique=False)
    op.create_index("ix_staff_sessions_expires_at", "staff_sessions", ["expires_at"], unique=False)
    op.create_table(
        "marriage_appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
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
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "active",
            sa.Boolean(),
            sa.Computed("state IN ('booked', 'confirmed', 'checked_in')", persisted=True),
            nullable=False,
        ),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column(
            "via",
            sa.Enum("chat", "api", name="via", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("hold_expires_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("rescheduled", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state <> 'held') OR (hold_expires_at IS NOT NULL)", name=op.f("ck_marriage_appointments_hold_expires")
        ),
        sa.CheckConstraint(
            "(state IN ('held', 'expired')) = (number IS NULL)",
            name=op.f("ck_marriage_appointments_number_once_booked"),
        ),
        sa.ForeignKeyConstraint(
            ["booked_by"], ["persons.id"], name=op.f("fk_marriage_appointments_booked_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["marriage_slots.id"], name=op.f("fk_marriage_appointments_slot_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_appointments")),
        sa.UniqueConstraint("id", "active", name=op.f("uq_marriage_appointments_id_active")),
        sa.UniqueConstraint("number", name=op.f("uq_marriage_appointments_number")),
    )
    op.create_index(
        "ix_marriage_appointments_booked_by_created_at",
        "marriage_appointments",
        ["booked_by", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_marriage_appointments_hold_expires_at",
        "marriage_appointments",
        ["hold_expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_marriage_appointments_slot_id_state", "marriage_appointments", ["slot_id", "state"], unique=False
    )
    op.create_index(
        "uq_marriage_appointments_one_hold",
        "marriage_appointments",
        ["booked_by"],
        unique=True,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "marriage_appointment_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "from_state",
            sa.Enum(
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
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
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
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["marriage_appointments.id"],
            name=op.f("fk_marriage_appointment_events_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_appointment_events")),
    )
    op.create_index(
        "ix_marriage_appointment_events_appointment_id", "marriage_appointment_events", ["appointment_id"], unique=False
    )
    op.create_table(
        "marriage_parties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "id_type",
            sa.Enum(
                "resident_identity_card",
                "hk_macau_taiwan_residence_permit",
                "foreign_permanent_resident_card",
                "hk_macau_travel_permit",
                "taiwan_travel_permit",
                "passport",
                name="idtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column(
            "sex",
            sa.Enum("male", "female", name="sex", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "resident_group",
            sa.Enum(
                "mainland",
                "hong_kong",
                "macau",
                "taiwan",
                "overseas_chinese",
                "foreign",
                name="residentgroup",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id", "active"],
            ["marriage_appointments.id", "marriage_appointments.active"],
            name="fk_marriage_parties_appointment",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marriage_parties")),
        sa.UniqueConstraint("appointment_id", "position", name=op.f("uq_marriage_parties_appointment_id_position")),
    )
    op.create_index("ix_marriage_parties_id_number_index", "marriage_parties", ["id_number_index"], unique=False)
    op.create_index(
        "uq_marriage_parties_one_active",
        "marriage_parties",
        ["kind", "id_number_index"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    # Numbers of appointments; backend.marriage.rules.appointment_number makes the printed form.
    op.execute("CREATE SEQUENCE marriage_appointment_numbers")
    # The audit trail is only ever added to.
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entries_append_only ON audit_entries")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP SEQUENCE marriage_appointment_numbers")
    op.drop_index("uq_marriage_parties_one_active", table_name="marriage_parties", postgresql_where=sa.text("active"))
    op.drop_index("ix_marriage_parties_id_number_index", table_name="marriage_parties")
    op.drop_table("marriage_parties")
    op.drop_index("ix_marriage_appointment_events_appointment_id", table_name="marriage_appointment_events")
    op.drop_table("marriage_appointment_events")
    op.drop_index(
        "uq_marriage_appointments_one_hold",
        table_name="marriage_appointments",
        postgresql_where=sa.text("state = 'held'"),
    )
    op.drop_index("ix_marriage_appointments_slot_id_state", table_name="marriage_appointments")
    op.drop_index(
        "ix_marriage_appointments_hold_expires_at",
        table_name="marriage_appointments",
        postgresql_where=sa.text("state = 'held'"),
    )
    op.drop_index("ix_marriage_appointments_booked_by_created_at", table_name="marriage_appointments")
    op.drop_table("marriage_appointments")
    op.drop_index("ix_staff_sessions_expires_at", table_name="staff_sessions")
    op.drop_index(op.f("ix_staff_sessions_account_id"), table_name="staff_sessions")
    op.drop_table("staff_sessions")
    op.drop_index("ix_marriage_slots_office_id_kind_day", table_name="marriage_slots")
    op.drop_table("marriage_slots")
    op.drop_index(op.f("ix_login_sessions_identity_id"), table_name="login_sessions")
    op.drop_index("ix_login_sessions_expires_at", table_name="login_sessions")
    op.drop_table("login_sessions")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.drop_index("ix_audit_entries_account_id_at", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_index(
        "ix_wechat_identities_unionid", table_name="wechat_identities", postgresql_where=sa.text("unionid IS NOT NULL")
    )
    op.drop_index("ix_wechat_identities_person_id", table_name="wechat_identities")
    op.drop_table("wechat_identities")
    op.drop_table("subscription_credits")
    op.drop_index(op.f("ix_staff_accounts_node_id"), table_name="staff_accounts")
    op.drop_table("staff_accounts")
    op.drop_table("marriage_offices")
    op.drop_index(op.f("ix_legal_days_year"), table_name="legal_days")
    op.drop_table("legal_days")
    op.drop_index("ix_delivery_attempts_message_id", table_name="delivery_attempts")
    op.drop_index("ix_delivery_attempts_address_id", table_name="delivery_attempts")
    op.drop_table("delivery_attempts")
    op.drop_index(op.f("ix_conversations_person_id"), table_name="conversations")
    op.drop_index(
        "ix_conversations_expires_at", table_name="conversations", postgresql_where=sa.text("expires_at IS NOT NULL")
    )
    op.drop_table("conversations")
    op.drop_index("ix_reminders_due", table_name="reminders", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_table("reminders")
    op.drop_table("persons")
    op.drop_table("parameter_values")
    op.drop_index(
        "uq_outbox_messages_one_at_a_time", table_name="outbox_messages", postgresql_where=sa.text("state = 'sending'")
    )
    op.drop_index("ix_outbox_messages_subject", table_name="outbox_messages")
    op.drop_index("ix_outbox_messages_recipient_id", table_name="outbox_messages")
    op.drop_index(
        "ix_outbox_messages_due",
        table_name="outbox_messages",
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index(
        "ix_outbox_messages_attention",
        table_name="outbox_messages",
        postgresql_where=sa.text("state IN ('dead', 'uncertain') AND settled_at IS NULL"),
    )
    op.drop_table("outbox_messages")
    op.drop_index(op.f("ix_organisation_nodes_parent_id"), table_name="organisation_nodes")
    op.drop_table("organisation_nodes")
    op.drop_table("message_templates")
    op.drop_index("ix_message_addresses_recipient_id", table_name="message_addresses")
    op.drop_table("message_addresses")
    op.drop_table("legal_years")
    op.drop_table("leases")
    op.drop_index("ix_inbound_pushes_received_at", table_name="inbound_pushes")
    op.drop_table("inbound_pushes")
    op.drop_index("ix_idempotent_answers_created_at", table_name="idempotent_answers")
    op.drop_table("idempotent_answers")
