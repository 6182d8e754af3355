"""Channels, what they delivered, and what that told (`timeline.inbox`)."""

import django.db.models.deletion
import leads.encrypted
import timeline.inbox_models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0004_identities'),
        ('timeline', '0004_day_counts'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProviderChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=30, verbose_name='provider')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('address', models.CharField(blank=True, max_length=320, verbose_name='address')),
                ('token', models.CharField(default=timeline.inbox_models.new_token, max_length=32, unique=True)),
                ('secrets', leads.encrypted.EncryptedJson(blank=True, default=dict, editable=False)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('creates_leads', models.BooleanField(default=True, help_text='Somebody unknown who writes or calls becomes a lead.', verbose_name='makes leads')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'channel',
                'verbose_name_plural': 'channels',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('url', models.TextField(verbose_name='address')),
                ('headers', models.JSONField(verbose_name='headers')),
                ('body', models.BinaryField(verbose_name='body')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('set_aside', 'Set aside'), ('failed', 'Failed'), ('refused', 'Refused')], max_length=10, verbose_name='state')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True, verbose_name='next attempt')),
                ('processed_at', models.DateTimeField(blank=True, null=True, verbose_name='processed at')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.account', verbose_name='account')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='timeline.providerchannel', verbose_name='channel')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='EntryReport',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=50)),
                ('external_id', models.CharField(max_length=255)),
                ('key', models.CharField(max_length=300)),
                ('rank', models.SmallIntegerField()),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(blank=True, max_length=10)),
                ('says', models.JSONField()),
                ('digest', models.BinaryField(max_length=32)),
                ('matched_by', models.CharField(blank=True, max_length=100)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.account')),
                ('delivery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to='timeline.delivery')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'source', 'external_id', 'digest'), name='entryreport_once')],
            },
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('next_attempt_at', None), _negated=True), fields=['next_attempt_at'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['channel', 'state', '-id'], name='delivery_by_state'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['account', '-id'], name='delivery_newest'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['received_at'], name='delivery_oldest'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'set_aside', 'failed', 'refused'])), name='delivery_state'),
        ),
    ]
