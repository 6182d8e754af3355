from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from leads.binary_arrays import send_arrays
from leads.prepared import load_json_fast


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        from leads.roles import make_groups  # noqa: PLC0415 - after the models

        post_migrate.connect(make_groups, sender=self)
        connection_created.connect(load_json_fast)
        connection_created.connect(send_arrays)
