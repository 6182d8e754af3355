from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        from leads.roles import make_groups  # noqa: PLC0415 - it needs the models

        post_migrate.connect(make_groups, sender=self)
