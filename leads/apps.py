from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        from leads.binary_arrays import send_arrays  # noqa: PLC0415 - after the models
        from leads.prepared import load_json_fast  # noqa: PLC0415 - after the models
        from leads.roles import make_groups  # noqa: PLC0415 - after the models

        post_migrate.connect(make_groups, sender=self)
        connection_created.connect(load_json_fast)
        connection_created.connect(send_arrays)
