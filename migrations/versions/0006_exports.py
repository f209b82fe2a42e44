"""Exports with reasons and two persons; what couples are searched by.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FORMATS = ("xlsx", "csv")
REASONS = ("statistics", "checking", "inspection", "archive", "arranging", "other")
STATES = ("waiting", "queued", "building", "ready", "downloaded", "expired", "failed")


def upgrade() -> None:
    _make_exports()
    _make_pieces()
    _add_search_columns()


def _make_exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("definition", sa.String(length=60), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("format", _one_of("format", FORMATS), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("reason_kind", _one_of("reasonkind", REASONS), nullable=False),
        sa.Column("reason", sa.String(length=150), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("state", _one_of("exportstate", STATES), nullable=False),
        sa.Column("rows_expected", sa.Integer(), nullable=False),
        sa.Column("most_rows", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("downloaded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'building') = (claimed_until IS NOT NULL)", name=op.f("ck_exports_claimed_while_building")
        ),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_exports_failed_for_a_reason")),
        sa.CheckConstraint(
            "(state IN ('ready', 'downloaded', 'expired')) = (expires_at IS NOT NULL)",
            name=op.f("ck_exports_ready_until_some_time"),
        ),
        sa.CheckConstraint(
            "(state = 'downloaded') = (downloaded_at IS NOT NULL)", name=op.f("ck_exports_downloaded_at_some_time")
        ),
        sa.CheckConstraint(
            "approval_id IS NOT NULL OR (NOT personal AND state <> 'waiting')", name=op.f("ck_exports_second_person")
        ),
        sa.CheckConstraint("rows_done >= 0 AND rows_done <= most_rows", name=op.f("ck_exports_rows_within_limit")),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approvals.id"], name=op.f("fk_exports_approval_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["staff_accounts.id"], name=op.f("fk_exports_asked_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["organisation_nodes.id"], name=op.f("fk_exports_node_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.UniqueConstraint("approval_id", name=op.f("uq_exports_approval_id")),
    )
    op.create_index("ix_exports_asked_by_asked_at", "exports", ["asked_by", "asked_at", "id"])
    op.create_index(
        "ix_exports_due", "exports", ["asked_at"], postgresql_where=sa.text("state IN ('queued', 'building')")
    )
    op.create_index("ix_exports_expires_at", "exports", ["expires_at"], postgresql_where=sa.text("state = 'ready'"))
    op.create_index(op.f("ix_exports_node_id"), "exports", ["node_id"])


def _make_pieces() -> None:
    op.create_table(
        "export_pieces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name=op.f("fk_export_pieces_export_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_pieces")),
        sa.UniqueConstraint("export_id", "position", name=op.f("uq_export_pieces_export_id_position")),
    )


def _add_search_columns() -> None:
    # Names and telephones are sealed and a migration has no keys: the tick fills older rows (fill_search_columns).
    op.add_column("marriage_parties", sa.Column("name_index", sa.LargeBinary(), nullable=True))
    op.add_column("marriage_parties", sa.Column("phone_last4", sa.String(length=4), nullable=True))
    op.create_check_constraint(
        "tail_of_a_phone", "marriage_parties", "phone_last4 IS NULL OR phone_sealed IS NOT NULL"
    )
    for column in ("name_index", "last4", "phone_last4"):
        op.create_index(f"ix_marriage_parties_{column}", "marriage_parties", [column])
    op.create_index(
        "ix_marriage_parties_unfilled", "marriage_parties", ["id"], postgresql_where=sa.text("name_index IS NULL")
    )


def downgrade() -> None:
    for name in ("unfilled", "phone_last4", "last4", "name_index"):
        op.drop_index(f"ix_marriage_parties_{name}", "marriage_parties")
    op.drop_constraint(op.f("ck_marriage_parties_tail_of_a_phone"), "marriage_parties", type_="check")
    op.drop_column("marriage_parties", "phone_last4")
    op.drop_column("marriage_parties", "name_index")
    op.drop_table("export_pieces")
    op.drop_table("exports")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
