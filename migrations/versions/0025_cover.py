"""Marriage: the picture that a couple puts on the page of a cloud ceremony.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLE = "marriage_covers"


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _refers(column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"), ondelete=ondelete)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{TABLE}_{name}"))


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cloud_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", _one_of("coverstate", ("checking", "review", "shown", "hidden")), nullable=False),
        sa.Column("finding", _one_of("finding", ("pass", "review", "risky", "unasked")), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("next_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("key_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        _check(
            "looked_at", "state <> 'shown' OR finding = 'pass' OR (finding <> 'risky' AND decided_by IS NOT NULL)"
        ),
        _check("due_while_checking", "(state = 'checking') = (next_at IS NOT NULL)"),
        _check("found_something", "(state = 'checking') = (finding IS NULL)"),
        _check("key_ends", "(key_hash IS NULL) = (key_until IS NULL)"),
        _check("key_while_checking", "key_hash IS NULL OR state = 'checking'"),
        _refers("cloud_id", "marriage_cloud_ceremonies.id", "CASCADE"),
        _refers("person_id", "persons.id"),
        _refers("decided_by", "staff_accounts.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("cloud_id", name=op.f(f"uq_{TABLE}_cloud_id")),
        sa.UniqueConstraint("key_hash", name=op.f(f"uq_{TABLE}_key_hash")),
    )
    op.create_index(f"ix_{TABLE}_person_id", TABLE, ["person_id"])
    op.create_index(op.f(f"ix_{TABLE}_decided_by"), TABLE, ["decided_by"])
    op.create_index(f"ix_{TABLE}_next_at", TABLE, ["next_at"], postgresql_where=sa.text("state = 'checking'"))
    op.create_index(f"ix_{TABLE}_review", TABLE, ["changed_at"], postgresql_where=sa.text("state = 'review'"))


def downgrade() -> None:
    op.drop_table(TABLE)
