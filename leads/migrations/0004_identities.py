"""How providers know a lead (`leads.matching`)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0003_admin'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeadIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=255)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.account')),
                ('lead', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='identities', to='leads.lead')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'value'), name='leadidentity_once')],
            },
        ),
        migrations.RunSQL(
            """
            ALTER TABLE leads_leadidentity ADD CONSTRAINT leadidentity_lead_within_account
                FOREIGN KEY (account_id, lead_id) REFERENCES leads_lead (account_id, id);
            """,
            "ALTER TABLE leads_leadidentity DROP CONSTRAINT leadidentity_lead_within_account;",
        ),
    ]
