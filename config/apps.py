from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import translations  # noqa: PLC0415 - it reads settings

        translations.compile_if_changed()
