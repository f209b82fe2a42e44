"""What administrators do to an account is told to its holder; reasons of events in a life can be forgotten.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MATTERS = ("unlocked", "second_factor_removed", "wechat_unbound", "sessions_ended")
# Every column of life_events but `reason`.
KEPT = "id, person_id, kind, effective_on, source, recorded_by, at, reverses_id, detail, effects, undo, not_restored"


def upgrade() -> None:
    _make_staff_notices()
    # A reason is free text, so it goes when its time is over; all else of an event stays as it was written.
    op.alter_column("life_events", "reason", existing_type=sa.String(200), nullable=True)
    op.execute("DROP TRIGGER life_events_append_only ON life_events")
    op.execute(
        f"CREATE TRIGGER life_events_append_only BEFORE DELETE OR UPDATE OF {KEPT} ON life_events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER life_events_reason_forgotten BEFORE UPDATE OF reason ON life_events "
        "FOR EACH ROW WHEN (NEW.reason IS NOT NULL) EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER life_events_reason_forgotten ON life_events")
    op.execute("DROP TRIGGER life_events_append_only ON life_events")
    op.execute("UPDATE life_events SET reason = '-' WHERE reason IS NULL")
    op.alter_column("life_events", "reason", existing_type=sa.String(200), nullable=False)
    op.execute(
        "CREATE TRIGGER life_events_append_only BEFORE UPDATE OR DELETE ON life_events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.drop_table("staff_notices")


def _make_staff_notices() -> None:
    table = "staff_notices"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "matter",
            sa.Enum(*MATTERS, name="matter", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("by_id <> account_id", name=op.f("ck_staff_notices_done_by_another")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_staff_notices_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["staff_accounts.id"], name=op.f("fk_staff_notices_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notices")),
    )
    op.create_index("ix_staff_notices_account_id_at", table, ["account_id", "at"])
    op.create_index("ix_staff_notices_at", table, ["at"])
    op.create_index(op.f("ix_staff_notices_by_id"), table, ["by_id"])
