"""Uploads: what residents send in, encrypted at rest; and pushes whose answer is late.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UPLOAD_STATES = ("owed", "fetched", "refused", "deleted")
REFUSALS = (
    "gone",
    "empty",
    "too_large",
    "wrong_type",
    "damaged",
    "too_many_pixels",
    "infected",
)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _make_uploads()
    _make_late_pushes()


def _make_uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("media_id", sa.String(200), nullable=True),
        sa.Column("purpose", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("state", _one_of("uploadstate", UPLOAD_STATES), nullable=False),
        sa.Column("refusal", _one_of("refusal", REFUSALS), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        _moment("next_at"),
        _moment("created_at"),
        _moment("fetched_at", nullable=True),
        _moment("ended_at", nullable=True),
        sa.Column("content_type", sa.String(40), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("stored_name", sa.String(32), nullable=True),
        sa.Column("file_key_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_uploads_refused_for_a_reason")),
        sa.CheckConstraint(
            "CASE WHEN state = 'fetched' THEN "
            "num_nonnulls(fetched_at, content_type, size, sha256, stored_name, file_key_sealed) = 6 "
            "ELSE num_nonnulls(content_type, size, sha256, file_key_sealed) = 0 END",
            name=op.f("ck_uploads_readable_once_fetched"),
        ),
        sa.CheckConstraint(
            "(state IN ('refused', 'deleted')) = (ended_at IS NOT NULL)", name=op.f("ck_uploads_ended_at_some_time")
        ),
        sa.CheckConstraint(
            "state <> 'deleted' OR num_nonnulls(owner_id, media_id, subject_id) = 0",
            name=op.f("ck_uploads_nothing_left_of_deleted"),
        ),
        sa.CheckConstraint("(subject_kind IS NULL) = (subject_id IS NULL)", name=op.f("ck_uploads_whole_subject")),
        sa.CheckConstraint("size > 0 AND size <= 10485760", name=op.f("ck_uploads_size_within_limit")),
        sa.CheckConstraint("state <> 'owed' OR media_id IS NOT NULL", name=op.f("ck_uploads_owed_by_wechat")),
        sa.ForeignKeyConstraint(["owner_id"], ["persons.id"], name=op.f("fk_uploads_owner_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_uploads_stored_name")),
    )
    op.create_index("ix_uploads_owner_id", "uploads", ["owner_id"])
    op.create_index("ix_uploads_subject", "uploads", ["subject_kind", "subject_id"])
    op.create_index("ix_uploads_due", "uploads", ["next_at"], postgresql_where=sa.text("state = 'owed'"))
    op.create_index("ix_uploads_created_at", "uploads", ["created_at"])
    op.create_index("ix_uploads_ended_at", "uploads", ["ended_at"])
    op.create_index(
        "ix_uploads_to_remove",
        "uploads",
        ["ended_at"],
        postgresql_where=sa.text("state IN ('refused', 'deleted') AND stored_name IS NOT NULL"),
    )


def _make_late_pushes() -> None:
    op.create_table(
        "late_pushes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.String(20), nullable=False),
        sa.Column("app_id", sa.String(32), nullable=False),
        sa.Column("openid", sa.String(64), nullable=False),
        sa.Column("dedup_key", sa.String(200), nullable=False),
        _moment("received_at"),
        _moment("next_at"),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        _moment("settled_at", nullable=True),
        sa.Column("message_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (message_sealed IS NOT NULL)", name=op.f("ck_late_pushes_message_until_settled")
        ),
        sa.CheckConstraint(
            "answer_sealed IS NULL OR settled_at IS NOT NULL", name=op.f("ck_late_pushes_answer_once_settled")
        ),
        sa.CheckConstraint("product IN ('account', 'miniprogram')", name=op.f("ck_late_pushes_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_pushes")),
        sa.UniqueConstraint("app_id", "dedup_key", name=op.f("uq_late_pushes_app_id_dedup_key")),
    )
    op.create_index("ix_late_pushes_app_id_openid", "late_pushes", ["app_id", "openid"])
    op.create_index("ix_late_pushes_due", "late_pushes", ["next_at"], postgresql_where=sa.text("settled_at IS NULL"))
    op.create_index("ix_late_pushes_settled_at", "late_pushes", ["settled_at"])


def downgrade() -> None:
    op.drop_table("late_pushes")
    op.drop_table("uploads")
