"""Persons with names, numbers and levels of proof.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID_TYPES = (
    "resident_identity_card",
    "hk_macau_taiwan_residence_permit",
    "foreign_permanent_resident_card",
    "hk_macau_travel_permit",
    "taiwan_travel_permit",
    "passport",
)
EVENTS = ("created", "phone_given", "verified", "renamed", "joined", "bound", "code_given", "placed")
METHODS = ("service", "staff")
COLUMNS = (
    "closed_at",
    "died_on",
    "community_id",
    "fresh_until",
    "verified_by",
    "verified_at",
    "level",
    "phone_last4",
    "phone_index",
    "phone_sealed",
    "birth_date",
    "sex",
    "last4",
    "id_number_index",
    "id_number_sealed",
    "id_type",
    "name_index",
    "name_sealed",
)
PERSON_CHECKS = (
    ("level_lasts", "level BETWEEN 0 AND 2"),
    ("verified_is_whole", "level < 2 OR num_nulls(name_sealed, id_number_sealed, verified_at, verified_by) = 0"),
    ("level_1_has_a_phone", "level <> 1 OR phone_sealed IS NOT NULL"),
    ("fresh_is_verified", "fresh_until IS NULL OR level = 2"),
    ("name_is_whole", "(name_sealed IS NULL) = (name_index IS NULL)"),
    ("number_is_whole", "id_number_sealed IS NULL OR num_nulls(id_type, id_number_index, last4) = 0"),
    ("phone_is_whole", "num_nulls(phone_sealed, phone_index, phone_last4) IN (0, 3)"),
    ("birth_date", "birth_date >= DATE '1900-01-01'"),
)
PERSON_ENUMS = (("idtype", "id_type", ID_TYPES), ("sex", "sex", ("male", "female")), ("proofmethod", "verified_by", METHODS))


def upgrade() -> None:
    _widen_persons()
    _create_events()
    _create_joins()
    _create_tries()
    _create_codes()
    # Joining two persons, and leaving one alone, asks for what is due to one person.
    op.create_index("ix_reminders_recipient_id", "reminders", ["recipient_id"])


def _widen_persons() -> None:
    for column in (
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(), nullable=True),
        sa.Column("id_type", sa.String(length=40), nullable=True),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=True),
        sa.Column("last4", sa.String(length=4), nullable=True),
        sa.Column("sex", sa.String(length=40), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_last4", sa.String(length=4), nullable=True),
        sa.Column("level", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("verified_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("verified_by", sa.String(length=40), nullable=True),
        sa.Column("fresh_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
    ):
        op.add_column("persons", column)
    for name, column, values in PERSON_ENUMS:
        op.create_check_constraint(op.f(f"ck_persons_{name}"), "persons", sa.column(column).in_(values))
    for name, condition in PERSON_CHECKS:
        op.create_check_constraint(op.f(f"ck_persons_{name}"), "persons", condition)
    op.create_foreign_key(
        op.f("fk_persons_community_id"), "persons", "organisation_nodes", ["community_id"], ["id"], ondelete="RESTRICT"
    )
    op.create_index(
        "uq_persons_id_number_index",
        "persons",
        ["id_number_index"],
        unique=True,
        postgresql_where=sa.text("id_number_index IS NOT NULL AND closed_at IS NULL"),
    )
    for column in ("name_index", "last4", "phone_index", "phone_last4"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_persons_{column}", "persons", [column], postgresql_where=known)
    op.create_index("ix_persons_community_id", "persons", ["community_id"])


def _create_events() -> None:
    op.create_table(
        "person_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("name", _one_of("personeventname", *EVENTS), nullable=False),
        sa.Column("method", _one_of("proofmethod", *METHODS), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        _key("person_events", "person_id", "persons"),
        _key("person_events", "account_id", "staff_accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_events")),
    )
    op.create_index("ix_person_events_person_id", "person_events", ["person_id", "id"])
    op.create_index("ix_person_events_account_id", "person_events", ["account_id"])


def _create_joins() -> None:
    op.create_table(
        "person_joins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("joined_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", _one_of("joinreason", "number", "code", "unionid"), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("swept_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("joined_id <> person_id", name=op.f("ck_person_joins_two_persons")),
        _key("person_joins", "person_id", "persons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_joins")),
        sa.UniqueConstraint("joined_id", name=op.f("uq_person_joins_joined_id")),
    )
    op.create_index("ix_person_joins_person_id", "person_joins", ["person_id"])
    op.create_index("ix_person_joins_unswept", "person_joins", ["at"], postgresql_where=sa.text("swept_at IS NULL"))


def _create_tries() -> None:
    op.create_table(
        "proof_tries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", _one_of("trykind", "verification", "code"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(person_id, account_id) = 1", name=op.f("ck_proof_tries_tried_by_one")),
        sa.CheckConstraint(
            "(kind = 'verification') = (number_index IS NOT NULL)", name=op.f("ck_proof_tries_number_of_a_verification")
        ),
        _key("proof_tries", "person_id", "persons"),
        _key("proof_tries", "account_id", "staff_accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_tries")),
    )
    op.create_index("ix_proof_tries_person_id", "proof_tries", ["person_id", "kind", "at"])
    op.create_index("ix_proof_tries_account_id", "proof_tries", ["account_id", "kind", "at"])
    op.create_index(
        "ix_proof_tries_number_index",
        "proof_tries",
        ["number_index", "at"],
        postgresql_where=sa.text("number_index IS NOT NULL"),
    )
    op.create_index("ix_proof_tries_at", "proof_tries", ["at"])


def _create_codes() -> None:
    table = "binding_codes"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", _one_of("codepurpose", "asked", "given"), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'asked' AND identity_id IS NOT NULL AND (person_id IS NULL) = (used_at IS NULL)) OR "
            "(purpose = 'given' AND person_id IS NOT NULL AND (identity_id IS NULL) = (used_at IS NULL))",
            name=op.f("ck_binding_codes_two_sides_once_used"),
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) = (purpose = 'asked' AND used_at IS NULL)",
            name=op.f("ck_binding_codes_staff_has_part_in_it"),
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_binding_codes_expires_later")),
        _key(table, "identity_id", "wechat_identities", ondelete="CASCADE"),
        _key(table, "person_id", "persons"),
        _key(table, "account_id", "staff_accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binding_codes")),
    )
    for name, column, condition in (
        ("code_hash", "code_hash", "used_at IS NULL"),
        ("one_asked", "identity_id", "used_at IS NULL AND purpose = 'asked'"),
        ("one_given", "person_id", "used_at IS NULL AND purpose = 'given'"),
    ):
        open_ones = sa.text(condition)
        op.create_index(f"uq_binding_codes_{name}", table, [column], unique=True, postgresql_where=open_ones)
    for column in ("identity_id", "person_id", "account_id", "expires_at"):
        op.create_index(f"ix_binding_codes_{column}", table, [column])


def _key(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    op.drop_index("ix_reminders_recipient_id", table_name="reminders")
    for table in ("binding_codes", "proof_tries", "person_joins", "person_events"):
        op.drop_table(table)
    for name, _ in PERSON_CHECKS:
        op.drop_constraint(op.f(f"ck_persons_{name}"), "persons", type_="check")
    for name, _, _ in PERSON_ENUMS:
        op.drop_constraint(op.f(f"ck_persons_{name}"), "persons", type_="check")
    for column in COLUMNS:
        op.drop_column("persons", column)
