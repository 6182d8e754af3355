"""A lead's owner is a member of the lead's account, says the database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE leads_lead ADD CONSTRAINT lead_owner_within_account
                FOREIGN KEY (account_id, owner_id)
                REFERENCES leads_membership (account_id, id)
                ON DELETE SET NULL (owner_id);
            """,
            "ALTER TABLE leads_lead DROP CONSTRAINT lead_owner_within_account;",
        )
    ]
