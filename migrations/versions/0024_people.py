"""Storage: with which keys the blind indexes were made.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_key_marks",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_index_key_marks_one_row")),
        sa.CheckConstraint("octet_length(mark) = 32", name=op.f("ck_index_key_marks_mark_is_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_key_marks")),
    )


def downgrade() -> None:
    op.drop_table("index_key_marks")
