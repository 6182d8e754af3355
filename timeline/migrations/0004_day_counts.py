"""Entries counted by day, for leads that are paged deep into by offset (`timeline.day_counts`)."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = ["countedlead", "daycount"]


def within_account(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        ALTER TABLE timeline_{table} ADD CONSTRAINT {table}_lead_within_account
            FOREIGN KEY (account_id, lead_id) REFERENCES leads_lead (account_id, id);
        """,
        f"ALTER TABLE timeline_{table} DROP CONSTRAINT {table}_lead_within_account;",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0003_admin'),
        ('timeline', '0003_admin_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountedLead',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'lead_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.account')),
                ('lead', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.lead')),
            ],
        ),
        migrations.CreateModel(
            name='DayCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('day', models.DateTimeField()),
                ('kind', models.SmallIntegerField()),
                ('channel', models.CharField(max_length=10)),
                ('entries', models.IntegerField()),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.account')),
                ('lead', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.lead')),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'lead', 'day'], include=('kind', 'channel', 'entries'), name='daycount_days')],
            },
        ),
        *map(within_account, TABLES),
    ]
