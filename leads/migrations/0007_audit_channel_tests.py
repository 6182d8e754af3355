"""The audit trail tells of channels that were tested too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0006_audit_channels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(choices=[('key_created', 'API key created'), ('key_rotated', 'API key rotated'), ('key_extended', 'API key extended'), ('key_changed', 'API key changed'), ('key_revoked', 'API key revoked'), ('key_refused', 'API key refused: network not allowed'), ('leads_created', 'Leads created by API'), ('lead_changed', 'Lead changed by API'), ('lead_viewed', 'Lead viewed'), ('lead_exported', 'Lead exported'), ('lead_deleted', 'Lead deleted'), ('lead_restored', 'Lead restored'), ('member_added', 'Member added'), ('member_changed', "Member's role changed"), ('member_removed', 'Member removed'), ('channel_added', 'Channel added'), ('channel_changed', 'Channel changed'), ('channel_tested', 'Channel tested'), ('deliveries_replayed', 'Deliveries replayed'), ('audit_exported', 'Audit trail exported')], max_length=20, verbose_name='action'),
        ),
    ]
