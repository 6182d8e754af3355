"""Entries point at leads and people of their own account only, says the database.

Also: tables that only grow are vacuumed for their inserts early, since index-only walks over keys
(an offset, deep) are a hundred times slower where the visibility map lags behind.
"""

from django.db import migrations

TABLES = ["message", "calltranscript", "activity"]


def within_account(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        ALTER TABLE timeline_{table} ADD CONSTRAINT {table}_lead_within_account
            FOREIGN KEY (account_id, lead_id) REFERENCES leads_lead (account_id, id);
        ALTER TABLE timeline_{table} SET (autovacuum_vacuum_insert_scale_factor = 0.02);
        """,
        f"""
        ALTER TABLE timeline_{table} RESET (autovacuum_vacuum_insert_scale_factor);
        ALTER TABLE timeline_{table} DROP CONSTRAINT {table}_lead_within_account;
        """,
    )


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial"), ("leads", "0002_within_account")]

    operations = [
        *map(within_account, TABLES),
        migrations.RunSQL(
            """
            ALTER TABLE timeline_activity ADD CONSTRAINT activity_actor_within_account
                FOREIGN KEY (account_id, actor_id)
                REFERENCES leads_membership (account_id, id)
                ON DELETE SET NULL (actor_id);
            """,
            "ALTER TABLE timeline_activity DROP CONSTRAINT activity_actor_within_account;",
        ),
    ]
