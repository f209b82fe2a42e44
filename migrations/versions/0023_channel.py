"""Marriage: what guests write on the page of a cloud ceremony.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "marriage_blessings"


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _refers(column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cloud_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", _one_of("blessingstate", ("checking", "review", "shown", "hidden")), nullable=False),
        sa.Column("finding", _one_of("finding", ("pass", "review", "risky", "unasked")), nullable=True),
        sa.Column("label", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'shown' OR finding = 'pass' OR decided_by IS NOT NULL", name=op.f(f"ck_{TABLE}_looked_at")
        ),
        sa.CheckConstraint("(state = 'checking') = (next_at IS NOT NULL)", name=op.f(f"ck_{TABLE}_due_while_checking")),
        sa.CheckConstraint("state = 'checking' OR finding IS NOT NULL", name=op.f(f"ck_{TABLE}_found_something")),
        _refers("cloud_id", "marriage_cloud_ceremonies.id", "CASCADE"),
        _refers("person_id", "persons.id"),
        _refers("decided_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("cloud_id", "person_id", name=op.f(f"uq_{TABLE}_cloud_id_person_id")),
    )
    op.create_index(f"ix_{TABLE}_person_id", TABLE, ["person_id"])
    op.create_index(op.f(f"ix_{TABLE}_decided_by"), TABLE, ["decided_by"])
    op.create_index(f"ix_{TABLE}_next_at", TABLE, ["next_at"], postgresql_where=sa.text("state = 'checking'"))
    op.create_index(f"ix_{TABLE}_review", TABLE, ["changed_at"], postgresql_where=sa.text("state = 'review'"))


def downgrade() -> None:
    op.drop_table(TABLE)
