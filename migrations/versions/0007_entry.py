"""Second factors, recovery codes, sign-in by scan.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_sessions()
    _create_second_factors()
    _create_recovery_codes()
    _create_half_sign_ins()
    _create_bindings()
    _create_tickets()


def _widen_sessions() -> None:
    # Nobody knows how and from where the open ones were begun: everybody signs in once more.
    op.execute("DELETE FROM staff_sessions")
    methods = ("password", "second_factor", "recovery_code", "scan")
    for column in (
        sa.Column("method", sa.Enum(*methods, name="signinmethod", native_enum=False, length=40), nullable=False),
        sa.Column("proved_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("browser", sa.String(length=60), nullable=False),
    ):
        op.add_column("staff_sessions", column)
    op.create_check_constraint(op.f("ck_staff_sessions_signinmethod"), "staff_sessions", sa.column("method").in_(methods))


def _create_second_factors() -> None:
    op.create_table(
        "staff_second_factors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (last_step IS NULL)", name=op.f("ck_staff_second_factors_confirmed_by_a_code")
        ),
        _account_key("staff_second_factors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_second_factors")),
    )
    op.create_index(op.f("ix_staff_second_factors_account_id"), "staff_second_factors", ["account_id"])
    for name, condition in (("counting", "confirmed_at IS NOT NULL"), ("pending", "confirmed_at IS NULL")):
        op.create_index(
            f"uq_staff_second_factors_{name}",
            "staff_second_factors",
            ["account_id"],
            unique=True,
            postgresql_where=sa.text(condition),
        )


def _create_recovery_codes() -> None:
    op.create_table(
        "staff_recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        _account_key("staff_recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recovery_codes")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_staff_recovery_codes_account_id_code_hash")),
    )


def _create_half_sign_ins() -> None:
    op.create_table(
        "staff_half_sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_staff_half_sign_ins_tries_are_few")),
        _account_key("staff_half_sign_ins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_half_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_half_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_staff_half_sign_ins_account_id"), "staff_half_sign_ins", ["account_id"])
    op.create_index("ix_staff_half_sign_ins_expires_at", "staff_half_sign_ins", ["expires_at"])


def _create_bindings() -> None:
    op.create_table(
        "staff_wechat_bindings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("openid_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column("bound_at", sa.TIMESTAMP(timezone=True), nullable=False),
        _account_key("staff_wechat_bindings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_wechat_bindings")),
        sa.UniqueConstraint("account_id", name=op.f("uq_staff_wechat_bindings_account_id")),
        sa.UniqueConstraint("openid_index", name=op.f("uq_staff_wechat_bindings_openid_index")),
    )


def _create_tickets() -> None:
    states = ("waiting", "scanned", "confirmed", "refused", "used")
    table = "staff_scan_tickets"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", _one_of("scanpurpose", "sign_in", "bind"), nullable=False),
        sa.Column("state", _one_of("scanstate", *states), nullable=False),
        sa.Column("scene_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("openid_index", sa.LargeBinary(), nullable=True),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("browser", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("number BETWEEN 10 AND 99", name=op.f(f"ck_{table}_number_has_two_digits")),
        sa.CheckConstraint(
            "(purpose = 'bind') = (session_id IS NOT NULL)", name=op.f(f"ck_{table}_only_a_session_binds")
        ),
        sa.CheckConstraint(
            "purpose = 'sign_in' OR account_id IS NOT NULL", name=op.f(f"ck_{table}_binding_has_an_account")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (openid_index IS NULL)", name=op.f(f"ck_{table}_scanned_by_somebody")
        ),
        sa.CheckConstraint(
            "state = 'waiting' OR account_id IS NOT NULL", name=op.f(f"ck_{table}_scanned_for_an_account")
        ),
        _account_key(table),
        sa.ForeignKeyConstraint(
            ["session_id"], ["staff_sessions.id"], name=op.f(f"fk_{table}_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("scene_hash", name=op.f(f"uq_{table}_scene_hash")),
        sa.UniqueConstraint("browser_hash", name=op.f(f"uq_{table}_browser_hash")),
    )
    for column in ("account_id", "session_id", "expires_at"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    asking = sa.text("state = 'scanned'")
    op.create_index(f"uq_{table}_asking", table, ["openid_index"], unique=True, postgresql_where=asking)


def _account_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["staff_accounts.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    for table in (
        "staff_scan_tickets",
        "staff_wechat_bindings",
        "staff_half_sign_ins",
        "staff_recovery_codes",
        "staff_second_factors",
    ):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_staff_sessions_signinmethod"), "staff_sessions", type_="check")
    for column in ("browser", "place", "last_seen_at", "proved_at", "method"):
        op.drop_column("staff_sessions", column)
