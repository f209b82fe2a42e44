"""Marriage: find what somebody asks for in rushes by their number.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLE = "marriage_rush_persons"


def upgrade() -> None:
    op.create_index(f"ix_{TABLE}_id_number_index", TABLE, ["id_number_index"])


def downgrade() -> None:
    op.drop_index(f"ix_{TABLE}_id_number_index", TABLE)
