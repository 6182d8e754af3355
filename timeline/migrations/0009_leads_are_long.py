"""PostgreSQL believes leads to be long, and channels to be used (docs/decisions/0008).

Of the indexes that begin with account and lead, all look alike for a lead of an entry or two, and
where most leads are that short, PostgreSQL takes any of them: the one without the channel for a
channel, the one of changes for a page. On the one lead that is long, that is a walk over all of it.
The same where it has seen a single channel.
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

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE timeline_message ALTER COLUMN channel SET (n_distinct = 3);
            ALTER TABLE timeline_activity ALTER COLUMN channel SET (n_distinct = 4);
            """,
            """
            ALTER TABLE timeline_message ALTER COLUMN channel RESET (n_distinct);
            ALTER TABLE timeline_activity ALTER COLUMN channel RESET (n_distinct);
            """,
        ),
        *map(believed_long, TABLES),
    ]
