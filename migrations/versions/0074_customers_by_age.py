"""An index by which the customers of a corp are listed, the latest first."""

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "external_contact_by_age", "external_contact", ["corp_id", "created_at", "external_userid"]
    )
