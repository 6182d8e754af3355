"""What the documentation says is there, and what is there is said."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OPERATIONS = (ROOT / "docs/operations.md").read_text()

COMMANDS = sorted(
    path.stem
    for app in ("config", "leads", "timeline")
    for path in (ROOT / app / "management/commands").glob("[a-z]*.py")
)
# As `config.settings` names them to `refuse_unknown`.
VARIABLES = re.findall(
    r'^        "([A-Z_]+)",$', (ROOT / "config/settings.py").read_text(), re.MULTILINE
)
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in OPERATIONS


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_documented(variable: str) -> None:
    assert f"`LEADLINE_{variable}`" in OPERATIONS


def test_no_setting_is_documented_that_is_not_there() -> None:
    assert set(re.findall(r"`LEADLINE_([A-Z_]+)[`=]", OPERATIONS)) == set(VARIABLES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", page.read_text())
    missing = [
        link for pair in links for link in pair if link and not (page.parent / link).exists()
    ]
    assert missing == []
