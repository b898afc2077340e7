"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "api_keys",
        sa.Column("pk", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("user_key", sa.String(length=256), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("pk", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_users")),
        sa.UniqueConstraint("key", name=op.f("uq_users_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "answers",
        sa.Column("user_pk", _NUMBER, nullable=False),
        sa.Column("request_id", sa.String(length=256), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["users.pk"], name=op.f("fk_answers_user_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_pk", "request_id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_created", "answers", ["created"])
    op.create_table(
        "sessions",
        sa.Column("pk", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_pk", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("strategy", sa.Text(), nullable=True),
        sa.Column("seed", _NUMBER, nullable=True),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["users.pk"], name=op.f("fk_sessions_user_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_sessions")),
        sa.UniqueConstraint("user_pk", "id", name=op.f("uq_sessions_user_pk_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_updated", "sessions", ["updated"])
    op.create_table(
        "events",
        sa.Column("pk", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_pk", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("list_id", sa.String(length=32), nullable=True),
        sa.Column("session_pk", _NUMBER, nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_pk"], ["sessions.pk"], name=op.f("fk_events_session_pk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["users.pk"], name=op.f("fk_events_user_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_events")),
        sa.UniqueConstraint("user_pk", "id", name=op.f("uq_events_user_pk_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_at", "events", ["at"])
    op.create_index("ix_events_session_pk", "events", ["session_pk"])
    op.create_table(
        "lists",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_pk", _NUMBER, nullable=False),
        sa.Column("session_pk", _NUMBER, nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("prompt_hash", sa.String(length=64), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("degraded", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_pk"], ["sessions.pk"], name=op.f("fk_lists_session_pk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_pk"], ["users.pk"], name=op.f("fk_lists_user_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index("ix_lists_created", "lists", ["created"])
    op.create_index("ix_lists_session_pk", "lists", ["session_pk"])
    op.create_index("ix_lists_user_pk", "lists", ["user_pk"])
    op.create_table(
        "memories",
        sa.Column("pk", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_pk", _NUMBER, nullable=True),
        sa.Column("session_pk", _NUMBER, nullable=True),
        sa.Column("dialogue_id", sa.String(length=64), nullable=False),
        sa.Column("dialogue", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_pk"], ["sessions.pk"], name=op.f("fk_memories_session_pk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_pk"], ["users.pk"], name=op.f("fk_memories_user_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_memories")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_memories_dialogue_id", "memories", ["dialogue_id"])
    op.create_index("ix_memories_session_pk", "memories", ["session_pk"])
    op.create_index("ix_memories_user_pk", "memories", ["user_pk"])
    op.create_table(
        "moments",
        sa.Column("session_pk", _NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_pk"], ["sessions.pk"], name=op.f("fk_moments_session_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_pk", "seq", name=op.f("pk_moments")),
    )
    op.create_table(
        "turns",
        sa.Column("session_pk", _NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("feedback", sa.String(length=16), nullable=True),
        sa.Column("list_id", sa.String(length=32), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("trace", sa.LargeBinary(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_pk"], ["sessions.pk"], name=op.f("fk_turns_session_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_pk", "seq", name=op.f("pk_turns")),
    )
    op.create_table(
        "exposures",
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_exposures_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "rank", name=op.f("pk_exposures")),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("exposures")
    op.drop_table("turns")
    op.drop_table("moments")
    op.drop_table("memories")
    op.drop_table("lists")
    op.drop_table("events")
    op.drop_table("sessions")
    op.drop_table("answers")
    op.drop_table("users")
    op.drop_table("api_keys")
