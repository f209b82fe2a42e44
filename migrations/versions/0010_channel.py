"""The outbound channel: quotas and what is synchronised with WeChat.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_CHANNELS = ("subscribe", "template", "customer_service", "desk")


def upgrade() -> None:
    op.add_column(
        "message_templates", sa.Column("choices", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    )
    _create_alarms()
    _create_closed_endpoints()
    _create_media_checks()


def _create_alarms() -> None:
    op.create_table(
        "channel_alarms",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.Enum(*_CHANNELS, name="channel", native_enum=False, length=40), nullable=False),
        sa.Column("template_id", sa.String(length=80), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("notice", sa.String(length=80), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=True),
        sa.Column("rid", sa.String(length=40), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.CheckConstraint("times > 0", name=op.f("ck_channel_alarms_happened")),
        sa.CheckConstraint("last_at >= since", name=op.f("ck_channel_alarms_in_order")),
        sa.CheckConstraint(sa.column("channel").in_(_CHANNELS), name=op.f("ck_channel_alarms_channel")),
        sa.PrimaryKeyConstraint("app_id", "channel", "template_id", "failure", name=op.f("pk_channel_alarms")),
    )


def _create_closed_endpoints() -> None:
    op.create_table(
        "wechat_closed_endpoints",
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("rid", sa.String(length=40), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("app_id", "path", name=op.f("pk_wechat_closed_endpoints")),
    )


def _create_media_checks() -> None:
    checks = {
        "whole_subject": "(subject_kind IS NULL) = (subject_id IS NULL)",
        "answered_with_a_word": "(suggest IS NULL) = (answered_at IS NULL)",
        "known_from_one_side": "asked_at IS NOT NULL OR answered_at IS NOT NULL",
    }
    op.create_table(
        "wechat_media_checks",
        sa.Column("trace_id", sa.String(length=80), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("suggest", sa.String(length=20), nullable=True),
        sa.Column("label", sa.Integer(), nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_wechat_media_checks_{name}")) for name, rule in checks.items()),
        sa.PrimaryKeyConstraint("trace_id", name=op.f("pk_wechat_media_checks")),
    )
    op.create_index(op.f("ix_wechat_media_checks_subject"), "wechat_media_checks", ["subject_kind", "subject_id"])


def downgrade() -> None:
    op.drop_table("wechat_media_checks")
    op.drop_table("wechat_closed_endpoints")
    op.drop_table("channel_alarms")
    op.drop_column("message_templates", "choices")
