"""`manage.py collect_translations`: bring locale/ up to the texts marked in the sources."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from config import translations


class Command(BaseCommand):
    """Write the catalogs that translators fill in."""

    help = "Collect the texts to be translated into locale/. Needs no gettext."
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: Any) -> None:
        """Write a catalog for each language but the sources' own."""
        for language, _name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            catalog, missing = translations.collect(language)
            path = translations.catalog_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(catalog)
            self.stdout.write(f"{path}: {missing} texts to translate")
