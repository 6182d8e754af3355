"""How many days of a long history are counted as one (`timeline.day_counts`)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('timeline', '0009_leads_are_long'),
    ]

    operations = [
        migrations.AddField(
            model_name='countedlead',
            name='width',
            field=models.SmallIntegerField(db_default=1),
        ),
    ]
