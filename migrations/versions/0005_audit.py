"""The audit trail as a chain; unusual looks.

Revision ID: 0005
Revises: 0004
"""

import hashlib
import json
from datetime import timezone

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1000


def upgrade() -> None:
    _widen_entries()
    _create_chain()
    _create_linking()
    _create_watching()
    _create_flags()
    _link_older_entries()
    # Rows of the trail were only ever added; now nobody can empty it at a stroke either.
    op.execute("""
        CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("""
        CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE ON audit_links
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.execute("""
        CREATE TRIGGER audit_links_no_truncate BEFORE TRUNCATE ON audit_links
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def _widen_entries() -> None:
    op.add_column("audit_entries", sa.Column("role", sa.String(length=80), nullable=True))
    op.add_column("audit_entries", sa.Column("stand_in_for", sa.Uuid(), nullable=True))
    op.add_column("audit_entries", sa.Column("look", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("subject_ids", "fields"):
        column = sa.Column(name, postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
        op.add_column("audit_entries", column)
    op.add_column("audit_entries", sa.Column("task", sa.String(length=101), nullable=True))
    op.add_column("audit_entries", sa.Column("purpose", sa.String(length=200), nullable=True))
    op.add_column("audit_entries", sa.Column("address", sa.String(length=60), nullable=True))
    op.add_column("audit_entries", sa.Column("request_id", sa.String(length=40), nullable=True))
    op.create_index("ix_audit_entries_subject_ids", "audit_entries", ["subject_ids"], postgresql_using="gin")
    op.create_index("ix_audit_entries_action_at", "audit_entries", ["action", "at"])
    op.create_index("ix_audit_entries_at_id", "audit_entries", ["at", "id"])


def _create_chain() -> None:
    op.create_table(
        "audit_links",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_audit_links_position_counts")),
        sa.CheckConstraint(
            "octet_length(hash) = 32 AND octet_length(previous_hash) = 32",
            name=op.f("ck_audit_links_hashes_are_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entries.id"], name=op.f("fk_audit_links_entry_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_links_entry_id")),
    )
    op.create_table(
        "audit_bookmarks",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("round_position", sa.BigInteger(), nullable=False),
        sa.Column("round_hash", sa.LargeBinary(), nullable=False),
        sa.Column("round_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("broken_fault", sa.String(length=40), nullable=True),
        sa.Column("broken_position", sa.BigInteger(), nullable=True),
        sa.Column("broken_entry_id", sa.BigInteger(), nullable=True),
        sa.Column("broken_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_bookmarks_one_row")),
        sa.CheckConstraint(
            "(broken_fault IS NULL) = (broken_at IS NULL)", name=op.f("ck_audit_bookmarks_broken_is_whole")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_bookmarks")),
    )


def _create_linking() -> None:
    # One call of one transaction at a time: each statement of a volatile function sees what was committed before it,
    # so the end of the chain is read after the lock was waited for. The lock's number is nobody else's.
    op.execute("""
        CREATE FUNCTION link_audit_entries(ids bigint[], contents bytea[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            at bigint;
            previous bytea;
            following bytea;
        BEGIN
            PERFORM pg_advisory_xact_lock(77190526);
            SELECT position, hash INTO at, previous FROM audit_links ORDER BY position DESC LIMIT 1;
            at := coalesce(at, 0);
            previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
            FOR number IN 1 .. cardinality(ids) LOOP
                at := at + 1;
                following := sha256(previous || contents[number]);
                INSERT INTO audit_links (position, entry_id, previous_hash, hash)
                VALUES (at, ids[number], previous, following);
                previous := following;
            END LOOP;
        END $$
    """)


def _create_watching() -> None:
    op.create_table(
        "watched_numbers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("watchkind", "relative", "staff", "well_known"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'well_known') = (account_id IS NULL)", name=op.f("ck_watched_numbers_account_unless_well_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_watched_numbers_account_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_numbers")),
    )
    op.create_index("ix_watched_numbers_number_index", "watched_numbers", ["number_index"])
    op.create_index("ix_watched_numbers_account_id_added_at", "watched_numbers", ["account_id", "added_at"])
    for name, columns, kind in (
        ("own", ["account_id"], "staff"),
        ("relative", ["account_id", "number_index"], "relative"),
        ("well_known", ["number_index"], "well_known"),
    ):
        condition = sa.text(f"kind = '{kind}'")
        op.create_index(f"uq_watched_numbers_{name}", "watched_numbers", columns, unique=True, postgresql_where=condition)


def _create_flags() -> None:
    rules = ("own_record", "relative", "colleague", "well_known", "many_in_a_row", "outside_hours")
    outcomes = ("usual_work", "explained", "reminded", "reported")
    op.create_table(
        "audit_flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("rule", _one_of("rule", *rules), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("state", _one_of("state", "new", "looked_into"), nullable=False),
        sa.Column("outcome", _one_of("outcome", *outcomes), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("looked_into_by", sa.Uuid(), nullable=True),
        sa.Column("looked_into_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'new' AND outcome IS NULL AND looked_into_by IS NULL AND looked_into_at IS NULL) OR "
            "(state = 'looked_into' AND outcome IS NOT NULL AND looked_into_by IS NOT NULL "
            "AND looked_into_at IS NOT NULL)",
            name=op.f("ck_audit_flags_outcome_once_looked_into"),
        ),
        sa.CheckConstraint("looked_into_by <> account_id", name=op.f("ck_audit_flags_looked_into_by_another")),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_audit_flags_{column}"), ondelete="RESTRICT")
            for column, target in (
                ("account_id", "staff_accounts.id"),
                ("entry_id", "audit_entries.id"),
                ("looked_into_by", "staff_accounts.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_flags")),
        sa.UniqueConstraint("account_id", "rule", "key", name=op.f("uq_audit_flags_account_id_rule_key")),
    )
    op.create_index(op.f("ix_audit_flags_entry_id"), "audit_flags", ["entry_id"])
    op.create_index(op.f("ix_audit_flags_looked_into_by"), "audit_flags", ["looked_into_by"])
    op.create_index("ix_audit_flags_state_at", "audit_flags", ["state", "at", "id"])
    op.create_index("ix_audit_flags_rule_at", "audit_flags", ["rule", "at", "id"])


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _link_older_entries() -> None:
    """Entries from before the chain, in the order they were added; the form is that of backend.staff.audit.chain."""
    connection = op.get_bind()
    position, previous, last_id = 0, bytes(32), 0
    query = sa.text(
        "SELECT id, at, account_id, action, subject_kind, subject_id, detail FROM audit_entries"
        f" WHERE id > :last_id ORDER BY id LIMIT {_BATCH}"
    )
    insert = sa.text(
        "INSERT INTO audit_links (position, entry_id, previous_hash, hash) VALUES (:position, :entry_id, :previous, :hash)"
    )
    while rows := connection.execute(query, {"last_id": last_id}).mappings().all():
        links = []
        for row in rows:
            position, digest = position + 1, hashlib.sha256(previous + _canonical(dict(row))).digest()
            links.append({"position": position, "entry_id": row["id"], "previous": previous, "hash": digest})
            previous, last_id = digest, row["id"]
        connection.execute(insert, links)


def _canonical(entry: dict) -> bytes:
    entry["at"] = entry["at"].astimezone(timezone.utc).isoformat(timespec="microseconds")
    entry["account_id"] = str(entry["account_id"]) if entry["account_id"] else None
    known = {name: value for name, value in entry.items() if value not in (None, {})}
    return json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entries_no_truncate ON audit_entries")
    op.execute("DROP FUNCTION link_audit_entries(bigint[], bytea[])")
    op.drop_table("audit_flags")
    op.drop_table("watched_numbers")
    op.drop_table("audit_bookmarks")
    op.drop_table("audit_links")
    for name in ("at_id", "action_at", "subject_ids"):
        op.drop_index(f"ix_audit_entries_{name}", table_name="audit_entries")
    for name in (
        "request_id", "address", "purpose", "task", "fields", "subject_ids", "look", "stand_in_for", "role"
    ):
        op.drop_column("audit_entries", name)
