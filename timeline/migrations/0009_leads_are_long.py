"""PostgreSQL believes leads to be long, whatever they are on average (docs/decisions/0008).

Of the indexes that begin with account and lead, all look alike for a lead of an entry or two, and
where most leads are that short, PostgreSQL takes any of them: the one without the channel for a
channel, the one of changes for a page. On the one lead that is long, that is a walk over all of it.
"""

from django.db import migrations

TABLES = ["message", "calltranscript", "activity"]


def believed_long(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        ALTER TABLE timeline_{table} ALTER COLUMN lead_id SET (n_distinct = 100);
        CREATE STATISTICS timeline_{table}_lead (dependencies)
            ON account_id, lead_id FROM timeline_{table};
        ANALYZE timeline_{table};
        """,
        f"""
        DROP STATISTICS timeline_{table}_lead;
        ALTER TABLE timeline_{table} ALTER COLUMN lead_id RESET (n_distinct);
        ANALYZE timeline_{table};
        """,
    )


class Migration(migrations.Migration):
    dependencies = [("timeline", "0008_channels_in_admin")]

    operations = [*map(believed_long, TABLES)]
