"""WeChat logins: codes used once, session keys, web logins, codes that link two products, who follows.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = ("miniprogram", "web")
OUTCOMES = ("taken", "refused")
UNUSED = sa.text("used_at IS NULL")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _of_identity(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["wechat_identities.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    _widen_logins()
    _make_login_codes()
    op.create_table(
        "wechat_session_keys",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("session_key_sealed", sa.LargeBinary(), nullable=False),
        _moment("issued_at"),
        _of_identity("wechat_session_keys", "identity_id"),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_wechat_session_keys")),
    )
    _make_link_codes()
    op.create_table(
        "unionid_lookups",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        _moment("due_at"),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_unionid_lookups_attempts_not_negative")),
        _of_identity("unionid_lookups", "identity_id"),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_unionid_lookups")),
    )
    op.create_index("ix_unionid_lookups_due_at", "unionid_lookups", ["due_at"])
    op.add_column("conversations", _moment("followed_at", nullable=True))
    op.add_column("conversations", _moment("left_at", nullable=True))
    op.create_index(
        "ix_conversations_left_at", "conversations", ["left_at"], postgresql_where=sa.text("left_at IS NOT NULL")
    )


def _widen_logins() -> None:
    op.add_column(
        "login_sessions",
        sa.Column("kind", sa.String(length=40), server_default="miniprogram", nullable=False),
    )
    op.add_column("login_sessions", sa.Column("device", sa.String(length=60), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_login_sessions_loginkind"), "login_sessions", f"kind IN ({', '.join(map(repr, KINDS))})"
    )


def _make_login_codes() -> None:
    table = "login_codes"
    op.create_table(
        table,
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=True),
        _moment("claimed_at"),
        _moment("finished_at", nullable=True),
        sa.Column("outcome", _one_of("codeoutcome", OUTCOMES), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (outcome IS NULL)", name=op.f("ck_login_codes_finished_with_an_outcome")
        ),
        sa.CheckConstraint(
            "(identity_id IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'taken')",
            name=op.f("ck_login_codes_taken_for_somebody"),
        ),
        _of_identity(table, "identity_id"),
        sa.PrimaryKeyConstraint("app_id", "code_hash", name=op.f("pk_login_codes")),
    )
    op.create_index("ix_login_codes_claimed_at", table, ["claimed_at"])
    op.create_index(op.f("ix_login_codes_identity_id"), table, ["identity_id"])


def _make_link_codes() -> None:
    table = "link_codes"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_link_codes_expires_later")),
        _of_identity(table, "identity_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_codes")),
    )
    op.create_index("uq_link_codes_code_hash", table, ["code_hash"], unique=True, postgresql_where=UNUSED)
    op.create_index("uq_link_codes_one_open", table, ["identity_id"], unique=True, postgresql_where=UNUSED)
    op.create_index("ix_link_codes_identity_id", table, ["identity_id"])
    op.create_index("ix_link_codes_expires_at", table, ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_conversations_left_at", table_name="conversations")
    op.drop_column("conversations", "left_at")
    op.drop_column("conversations", "followed_at")
    op.drop_table("unionid_lookups")
    op.drop_table("link_codes")
    op.drop_table("wechat_session_keys")
    op.drop_table("login_codes")
    # A web cookie would otherwise come to open the mini-program's API.
    op.execute("DELETE FROM login_sessions WHERE kind = 'web'")
    op.drop_constraint(op.f("ck_login_sessions_loginkind"), "login_sessions", type_="check")
    op.drop_column("login_sessions", "device")
    op.drop_column("login_sessions", "kind")
