"""Proxies, and the events of a life.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
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
RELATIONS = (
    "spouse",
    "child",
    "child_in_law",
    "parent",
    "sibling",
    "grandchild",
    "maternal_grandchild",
    "grandparent",
    "maternal_grandparent",
    "guardian",
    "entrusted",
    "committee",
    "employer",
    "other",
)
STATES = ("asked", "confirmed", "declined", "lapsed", "cut")
CONFIRMATIONS = ("own_wechat", "counter_code", "staff")
EVENT_KINDS = ("death", "death_reversed", "moved", "name_corrected")
SOURCES = (
    "death_certificate",
    "police",
    "court",
    "data_share",
    "at_the_counter",
    "committee",
    "staff_correction",
)
ACTIVE = sa.text("state IN ('asked', 'confirmed')")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def _refers(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    _make_ties()
    _make_history()
    _make_acts()
    _make_life_events()
    op.create_table(
        "message_silences",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        _moment("since"),
        sa.PrimaryKeyConstraint("recipient_id", name=op.f("pk_message_silences")),
    )


def _make_ties() -> None:
    op.create_table(
        "proxy_ties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=True),
        sa.Column("principal_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("principal_id_type", _one_of("idtype", ID_TYPES), nullable=False),
        sa.Column("principal_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("principal_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("relation", _one_of("relation", RELATIONS), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("state", _one_of("tiestate", STATES), nullable=False),
        _moment("asked_at"),
        _moment("lapses_at"),
        _moment("changed_at"),
        sa.Column("confirmation", _one_of("confirmation", CONFIRMATIONS), nullable=True),
        _moment("confirmed_at", nullable=True),
        sa.Column("confirmed_by_staff", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("code_index", sa.LargeBinary(), nullable=True),
        _moment("code_expires_at", nullable=True),
        sa.Column("code_tries", sa.SmallInteger(), nullable=False),
        *_constraints_of_ties(),
    )
    for name, columns, where in (
        ("uq_proxy_ties_one_active", ["helper_id", "principal_number_index"], ACTIVE),
        ("uq_proxy_ties_one_active_principal", ["helper_id", "principal_id"], ACTIVE),
        ("ix_proxy_ties_helper_id_asked_at", ["helper_id", "asked_at"], None),
        ("ix_proxy_ties_principal_id_asked_at", ["principal_id", "asked_at"], None),
        (
            "ix_proxy_ties_principal_number_index",
            ["principal_number_index"],
            sa.text("principal_id IS NULL AND state = 'asked'"),
        ),
        ("ix_proxy_ties_lapses_at", ["lapses_at"], sa.text("state = 'asked'")),
        ("ix_proxy_ties_confirmed_by_staff", ["confirmed_by_staff"], None),
    ):
        op.create_index(name, "proxy_ties", columns, unique=name.startswith("uq_"), postgresql_where=where)


def _constraints_of_ties() -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_ties")),
        _refers("proxy_ties", "helper_id", "persons.id"),
        _refers("proxy_ties", "principal_id", "persons.id"),
        _refers("proxy_ties", "confirmed_by_staff", "staff_accounts.id"),
        sa.CheckConstraint("helper_id <> principal_id", name=op.f("ck_proxy_ties_not_own_proxy")),
        sa.CheckConstraint(
            "cardinality(scopes) > 0 AND NOT ('marriage' = ANY (scopes))", name=op.f("ck_proxy_ties_never_marriage")
        ),
        sa.CheckConstraint(
            "(confirmation IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_proxy_ties_confirmed_once")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (confirmation IS NOT NULL AND principal_id IS NOT NULL)",
            name=op.f("ck_proxy_ties_confirmed_by_one"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('asked', 'declined', 'lapsed') OR confirmation IS NULL",
            name=op.f("ck_proxy_ties_not_confirmed"),
        ),
        sa.CheckConstraint(
            "(confirmation IS NOT DISTINCT FROM 'staff') = (confirmed_by_staff IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_proxy_ties_staff_has_a_reason"),
        ),
        sa.CheckConstraint(
            "(code_index IS NULL) = (code_expires_at IS NULL)", name=op.f("ck_proxy_ties_code_expires")
        ),
        sa.CheckConstraint("code_tries >= 0", name=op.f("ck_proxy_ties_code_tries_not_negative")),
    )


def _make_history() -> None:
    op.create_table(
        "proxy_tie_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tie_id", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("from_state", _one_of("from_state", STATES), nullable=True),
        sa.Column("to_state", _one_of("to_state", STATES), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_tie_events")),
        _refers("proxy_tie_events", "tie_id", "proxy_ties.id", "CASCADE"),
    )
    op.create_index("ix_proxy_tie_events_tie_id", "proxy_tie_events", ["tie_id"])


def _make_acts() -> None:
    op.create_table(
        "acts_on_behalf",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tie_id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts_on_behalf")),
        _refers("acts_on_behalf", "tie_id", "proxy_ties.id"),
        _refers("acts_on_behalf", "helper_id", "persons.id"),
        _refers("acts_on_behalf", "principal_id", "persons.id"),
        sa.CheckConstraint("helper_id <> principal_id", name=op.f("ck_acts_on_behalf_not_own_proxy")),
    )
    op.create_index("ix_acts_on_behalf_tie_id_at", "acts_on_behalf", ["tie_id", "at", "id"])
    op.create_index("ix_acts_on_behalf_principal_id_at", "acts_on_behalf", ["principal_id", "at"])
    op.create_index("ix_acts_on_behalf_helper_id_at", "acts_on_behalf", ["helper_id", "at"])


def _make_life_events() -> None:
    op.create_table(
        "life_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("eventkind", EVENT_KINDS), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("source", _one_of("source", SOURCES), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("effects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undo", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("not_restored", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_events")),
        _refers("life_events", "person_id", "persons.id"),
        _refers("life_events", "recorded_by", "staff_accounts.id"),
        _refers("life_events", "reverses_id", "life_events.id"),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_life_events_reverses_id")),
        sa.CheckConstraint(
            "(kind = 'death_reversed') = (reverses_id IS NOT NULL)", name=op.f("ck_life_events_reversal_of_one")
        ),
        sa.CheckConstraint("length(btrim(reason)) > 0", name=op.f("ck_life_events_reason_given")),
    )
    op.create_index("ix_life_events_person_id_at", "life_events", ["person_id", "at"])
    op.create_index("ix_life_events_recorded_by", "life_events", ["recorded_by"])
    # As with the audit trail: what was recorded of a life is only ever added to.
    op.execute(
        "CREATE TRIGGER life_events_append_only BEFORE UPDATE OR DELETE ON life_events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in ("message_silences", "life_events", "acts_on_behalf", "proxy_tie_events", "proxy_ties"):
        op.drop_table(table)
