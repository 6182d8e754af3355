"""Counts by day lose their foreign key: what they count has the same one, and holds it for them.

Whoever writes to a lead that many write to pays for each foreign key that refers to it.
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("timeline", "0010_width_of_counts")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE timeline_daycount DROP CONSTRAINT daycount_lead_within_account;",
            """
            ALTER TABLE timeline_daycount ADD CONSTRAINT daycount_lead_within_account
                FOREIGN KEY (account_id, lead_id) REFERENCES leads_lead (account_id, id);
            """,
        )
    ]
