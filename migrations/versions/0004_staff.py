"""The organisation tree, roles by place, approvals by two persons.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("district", "street", "community", "department", "registry", "canteen", "counter")
ROLES = ("registrar", "registry_head", "counter_clerk", "privacy_officer", "auditor", "supervisor", "administrator")
PLACEMENT = """
    (kind = 'district' AND parent_kind IS NULL)
    OR (kind = 'street' AND parent_kind IS NOT NULL AND parent_kind IN ('district'))
    OR (kind = 'community' AND parent_kind IS NOT NULL AND parent_kind IN ('street'))
    OR (kind = 'department' AND parent_kind IS NOT NULL AND parent_kind IN ('district'))
    OR (kind = 'registry' AND parent_kind IS NOT NULL AND parent_kind IN ('department', 'district', 'street'))
    OR (kind = 'canteen' AND parent_kind IS NOT NULL AND parent_kind IN ('community', 'district', 'street'))
    OR (kind = 'counter' AND parent_kind IS NOT NULL
        AND parent_kind IN ('community', 'department', 'district', 'registry', 'street'))
"""


def upgrade() -> None:
    _grow_the_tree()
    _make_assignments()
    _change_accounts()
    _make_approvals()


def _grow_the_tree() -> None:
    op.drop_constraint(op.f("ck_organisation_nodes_nodekind"), "organisation_nodes", type_="check")
    op.create_check_constraint("nodekind", "organisation_nodes", _one_of("kind", KINDS))
    op.add_column("organisation_nodes", sa.Column("parent_kind", sa.String(length=40), nullable=True))
    op.add_column("organisation_nodes", sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True))
    # Places without a parent other than the district could be made until now; they belong to it.
    op.execute(
        """
        UPDATE organisation_nodes SET parent_id = (SELECT id FROM organisation_nodes WHERE kind = 'district' LIMIT 1)
        WHERE parent_id IS NULL AND kind <> 'district'
        """
    )
    op.execute(
        """
        UPDATE organisation_nodes AS node SET parent_kind = parent.kind
        FROM organisation_nodes AS parent WHERE parent.id = node.parent_id
        """
    )
    op.create_check_constraint("parent_kind", "organisation_nodes", _one_of("parent_kind", KINDS))
    op.create_check_constraint(
        "parent_is_whole", "organisation_nodes", "(parent_id IS NULL) = (parent_kind IS NULL)"
    )
    op.create_check_constraint("placement", "organisation_nodes", PLACEMENT)
    op.create_unique_constraint(op.f("uq_organisation_nodes_id_kind"), "organisation_nodes", ["id", "kind"])
    op.drop_constraint(op.f("fk_organisation_nodes_parent_id"), "organisation_nodes", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_organisation_nodes_parent_id_parent_kind"),
        "organisation_nodes",
        "organisation_nodes",
        ["parent_id", "parent_kind"],
        ["id", "kind"],
        ondelete="RESTRICT",
    )
    op.create_index(
        "uq_organisation_nodes_one_district",
        "organisation_nodes",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("kind = 'district'"),
    )


def _make_assignments() -> None:
    op.create_table(
        "role_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("stand_in_for", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_role_assignments_ends_after_start")),
        sa.CheckConstraint(
            "(stand_in_for IS NULL) = (source_id IS NULL)", name=op.f("ck_role_assignments_stand_in_is_whole")
        ),
        sa.CheckConstraint(
            "stand_in_for IS NULL OR ends_at IS NOT NULL", name=op.f("ck_role_assignments_stand_in_ends")
        ),
        sa.CheckConstraint("stand_in_for <> account_id", name=op.f("ck_role_assignments_stand_in_is_another")),
        *(
            sa.ForeignKeyConstraint(
                [column], ["staff_accounts.id"], name=op.f(f"fk_role_assignments_{column}"), ondelete="RESTRICT"
            )
            for column in ("account_id", "stand_in_for", "given_by")
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["organisation_nodes.id"], name=op.f("fk_role_assignments_node_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignments")),
        sa.UniqueConstraint(
            "id", "account_id", "role", "node_id", name=op.f("uq_role_assignments_id_account_id_role_node_id")
        ),
    )
    op.create_foreign_key(
        "fk_role_assignments_source",
        "role_assignments",
        "role_assignments",
        ["source_id", "stand_in_for", "role", "node_id"],
        ["id", "account_id", "role", "node_id"],
        ondelete="RESTRICT",
    )
    op.create_index(
        "uq_role_assignments_one_open",
        "role_assignments",
        ["account_id", "role", "node_id"],
        unique=True,
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    op.create_index("ix_role_assignments_account_id_ends_at", "role_assignments", ["account_id", "ends_at"])
    op.create_index("ix_role_assignments_node_id_role", "role_assignments", ["node_id", "role"])
    for column in ("stand_in_for", "source_id", "given_by"):
        op.create_index(op.f(f"ix_role_assignments_{column}"), "role_assignments", [column])


def _change_accounts() -> None:
    op.execute(
        """
        INSERT INTO role_assignments (id, account_id, role, node_id, starts_at)
        SELECT gen_random_uuid(), id, role, node_id, created_at FROM staff_accounts WHERE active
        """
    )
    op.drop_column("staff_accounts", "role")
    op.alter_column("staff_accounts", "node_id", new_column_name="home_id")
    op.execute("ALTER INDEX ix_staff_accounts_node_id RENAME TO ix_staff_accounts_home_id")
    op.execute(
        "ALTER TABLE staff_accounts RENAME CONSTRAINT fk_staff_accounts_node_id TO fk_staff_accounts_home_id"
    )
    op.add_column(
        "staff_accounts",
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.alter_column("staff_accounts", "must_change_password", server_default=None)
    op.add_column("staff_accounts", sa.Column("absent_from", sa.Date(), nullable=True))
    op.add_column("staff_accounts", sa.Column("absent_until", sa.Date(), nullable=True))
    op.create_check_constraint(
        "absence_is_whole",
        "staff_accounts",
        "(absent_from IS NULL AND absent_until IS NULL) OR "
        "(absent_from IS NOT NULL AND absent_until IS NOT NULL AND absent_until >= absent_from)",
    )


def _make_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "approved", "declined", "withdrawn", "expired",
                name="approvalstate", native_enum=False, create_constraint=True, length=40,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_approvals_two_persons")),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decided_by IS NOT NULL)",
            name=op.f("ck_approvals_decided_by_somebody"),
        ),
        sa.CheckConstraint("(state = 'pending') = (closed_at IS NULL)", name=op.f("ck_approvals_closed_once_decided")),
        sa.ForeignKeyConstraint(
            ["node_id"], ["organisation_nodes.id"], name=op.f("fk_approvals_node_id"), ondelete="RESTRICT"
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["staff_accounts.id"], name=op.f(f"fk_approvals_{column}"), ondelete="RESTRICT"
            )
            for column in ("asked_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_node_id_asked_at", "approvals", ["node_id", "asked_at", "id"])
    op.create_index("ix_approvals_asked_by_asked_at", "approvals", ["asked_by", "asked_at", "id"])
    op.create_index(
        "ix_approvals_expires_at", "approvals", ["expires_at"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(op.f("ix_approvals_decided_by"), "approvals", ["decided_by"])


def downgrade() -> None:
    op.drop_table("approvals")
    _restore_accounts()
    op.drop_table("role_assignments")
    _prune_the_tree()


def _restore_accounts() -> None:
    op.drop_constraint(op.f("ck_staff_accounts_absence_is_whole"), "staff_accounts", type_="check")
    for column in ("absent_until", "absent_from", "must_change_password"):
        op.drop_column("staff_accounts", column)
    op.execute(
        "ALTER TABLE staff_accounts RENAME CONSTRAINT fk_staff_accounts_home_id TO fk_staff_accounts_node_id"
    )
    op.execute("ALTER INDEX ix_staff_accounts_home_id RENAME TO ix_staff_accounts_node_id")
    op.alter_column("staff_accounts", "home_id", new_column_name="node_id")
    op.add_column("staff_accounts", sa.Column("role", sa.String(length=40), nullable=True))
    # The older tables know two roles and one place each. An account without an own role of these two is switched off.
    op.execute(
        """
        UPDATE staff_accounts AS account SET role = held.role, node_id = held.node_id
        FROM (
            SELECT DISTINCT ON (account_id) account_id, node_id,
                CASE WHEN role = 'administrator' THEN role ELSE 'registrar' END AS role
            FROM role_assignments
            WHERE stand_in_for IS NULL AND ends_at IS NULL AND role IN ('administrator', 'registrar', 'registry_head')
            ORDER BY account_id, starts_at, id
        ) AS held WHERE held.account_id = account.id
        """
    )
    op.execute("UPDATE staff_accounts SET role = 'registrar', active = false WHERE role IS NULL")
    op.alter_column("staff_accounts", "role", nullable=False)
    op.create_check_constraint("role", "staff_accounts", _one_of("role", ("registrar", "administrator")))


def _prune_the_tree() -> None:
    op.drop_index("uq_organisation_nodes_one_district", "organisation_nodes")
    op.drop_constraint(op.f("fk_organisation_nodes_parent_id_parent_kind"), "organisation_nodes", type_="foreignkey")
    op.drop_constraint(op.f("uq_organisation_nodes_id_kind"), "organisation_nodes", type_="unique")
    for name in ("placement", "parent_is_whole", "parent_kind", "nodekind"):
        op.drop_constraint(op.f(f"ck_organisation_nodes_{name}"), "organisation_nodes", type_="check")
    op.drop_column("organisation_nodes", "closed_at")
    op.drop_column("organisation_nodes", "parent_kind")
    # Kinds the older tables do not know become registries, so that nothing that points at them is lost.
    op.execute("UPDATE organisation_nodes SET kind = 'registry' WHERE kind NOT IN ('district', 'registry')")
    op.create_check_constraint("nodekind", "organisation_nodes", _one_of("kind", ("district", "registry")))
    op.create_foreign_key(
        op.f("fk_organisation_nodes_parent_id"),
        "organisation_nodes",
        "organisation_nodes",
        ["parent_id"],
        ["id"],
        ondelete="RESTRICT",
    )


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
