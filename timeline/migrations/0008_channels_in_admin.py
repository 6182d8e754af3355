"""Channels and deliveries in the admin: found fast, of one account, and whose they are.

The groups of roles are ready-made when they are missing (`leads.roles.make_groups`) and are left
alone afterwards; where they are there already, this gives admins what a new group would have.
"""

import django.db.models.deletion
from django.db import migrations, models

ADMINS = "Account admins"
MAY = {"providerchannel": ("view", "add", "change"), "delivery": ("view", "change")}


def let_admins_in(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=ADMINS).first()
    if group is None:
        return
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for model, verbs in MAY.items():
        # Neither is there before this `migrate` has ended.
        content_type, _ = content_types.get_or_create(app_label="timeline", model=model)
        label = apps.get_model("timeline", model)._meta.verbose_name
        for verb in verbs:
            permission, _ = permissions.get_or_create(
                content_type=content_type,
                codename=f"{verb}_{model}",
                defaults={"name": f"Can {verb} {label}"},
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("leads", "0006_audit_channels"),
        ("timeline", "0007_answers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="channel",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="timeline.providerchannel",
                verbose_name="channel",
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE timeline_providerchannel
                ADD CONSTRAINT providerchannel_within_account UNIQUE (account_id, id);
            ALTER TABLE timeline_delivery ADD CONSTRAINT delivery_channel_within_account
                FOREIGN KEY (account_id, channel_id)
                REFERENCES timeline_providerchannel (account_id, id);
            """,
            """
            ALTER TABLE timeline_delivery DROP CONSTRAINT delivery_channel_within_account;
            ALTER TABLE timeline_providerchannel DROP CONSTRAINT providerchannel_within_account;
            """,
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True),
                fields=["state", "-id"],
                name="delivery_trouble",
            ),
        ),
        migrations.RunPython(let_admins_in, migrations.RunPython.noop),
    ]
