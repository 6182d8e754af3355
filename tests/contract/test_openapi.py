"""The OpenAPI document: true, whole, and in git as it is served; and the page that shows it."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.staticfiles import finders
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from config.api_docs import document
from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.page import EXAMPLE, record_example

SNAPSHOT = settings.BASE_DIR / "docs" / "openapi.yaml"
HISTORY = "/api/public/leads/{id}/history"


def operation() -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][HISTORY]["get"]
    return found


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = document()
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def validator(name: str) -> Any:
    whole = Resource.from_contents(document(), default_specification=DRAFT202012)
    return Draft202012Validator(
        {"$ref": f"urn:api#/components/schemas/{name}"},
        registry=Registry().with_resource("urn:api", whole),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


# --- Served --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("", "*/*", "application/json"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("", "application/json", "application/json"),
        ("", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ("", "application/yaml", "application/yaml"),
        ("", "application/vnd.oai.openapi", "application/vnd.oai.openapi"),
        ("?format=json", "*/*", "application/json"),
        ("?format=yaml", "*/*", "application/yaml"),
    ],
)
def test_the_document_is_served_without_a_key_in_the_form_asked_for(
    anonymous_api: ApiClient, query: str, accept: str, content_type: str
) -> None:
    for path in ("/api/schema/", "/api/schema"):
        answer = anonymous_api.get(path + query, Accept=accept)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] == content_type
        assert yaml.safe_load(answer.content) == json.loads(json.dumps(document()))


@pytest.mark.parametrize(
    ("method", "query", "accept", "status"),
    [
        ("GET", "", "text/html", 406),
        ("GET", "?format=xml", "*/*", 404),
        ("POST", "", "*/*", 405),
        ("OPTIONS", "", "*/*", 405),
    ],
)
def test_what_the_document_cannot_be_is_refused_in_json(
    anonymous_api: ApiClient, method: str, query: str, accept: str, status: int
) -> None:
    answer = anonymous_api.request(method, f"/api/schema/{query}", Accept=accept)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == ["error", "message"]


@pytest.mark.parametrize("query", ["?lang=xx", "?version=%0a", "?urlconf=x"])
def test_nothing_in_the_query_changes_the_document(anonymous_api: ApiClient, query: str) -> None:
    plain = anonymous_api.get("/api/schema/")
    assert anonymous_api.get(f"/api/schema/{query}").content == plain.content


# --- In git --------------------------------------------------------------------------------------


def test_the_snapshot_in_git_is_the_document_that_is_served() -> None:
    renderer: Any = OpenApiYamlRenderer()  # untyped
    expected = renderer.render(document(), renderer_context={}).decode()
    assert SNAPSHOT.read_text() == expected, (
        "The API's document has changed. If that is meant, renew its snapshot and read the diff: "
        ".venv/bin/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_the_document_is_valid_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1.")
    validate_schema(document())  # type: ignore[no-untyped-call]


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    used = set(references(document()))
    components = {
        f"#/components/{section}/{name}"
        for section, definitions in document()["components"].items()
        if section != "securitySchemes"
        for name in definitions
    }
    assert used == components


def test_the_document_has_the_projects_version() -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    assert document()["info"]["version"] == project["version"]


# --- True ----------------------------------------------------------------------------------------


def test_the_pages_example_is_the_documents_to_the_letter() -> None:
    content = operation()["responses"]["200"]["content"]["application/json"]
    shown = content["examples"]["FullHistory"]["value"]
    assert json.dumps(shown) == json.dumps(EXAMPLE)


def test_all_examples_of_answers_are_what_their_schemas_say() -> None:
    examples = 0
    for response in map(resolved, operation()["responses"].values()):
        for media in response.get("content", {}).values():
            schema = validator(media["schema"]["$ref"].rsplit("/", 1)[1])
            for example in media["examples"].values():
                schema.validate(example["value"])
                examples += 1
    assert examples == 8


@pytest.mark.parametrize(
    ("schema", "actual"),
    [
        ("LeadHistory", EXAMPLE),
        ("Lead", EXAMPLE["lead"]),
        ("Pagination", EXAMPLE["pagination"]),
        ("Activity", EXAMPLE["history"][0]),
        ("Message", EXAMPLE["history"][1]),
        ("Call", EXAMPLE["history"][3]),
    ],
)
def test_the_document_has_the_pages_keys_in_its_order_all_required_and_no_others(
    schema: str, actual: dict[str, Any]
) -> None:
    definition = document()["components"]["schemas"][schema]
    assert list(definition["properties"]) == definition["required"] == list(actual)
    assert definition["additionalProperties"] is False


def test_a_real_answer_is_what_the_document_says(api: ApiClient, account: Account) -> None:
    answer = api.history(record_example(account), "?limit=4").json()
    validator("LeadHistory").validate(answer)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "letter"},
        {"channel": "sms"},
        {"content": None},
        {"status": "seen"},
        {"timestamp": "2026-01-10T09:00:00+00:00"},
        {"timestamp": None},
        {"extra": 1},
    ],
)
def test_the_document_would_notice_a_wrong_entry(change: dict[str, Any]) -> None:
    entry = {**EXAMPLE["history"][1], **change}
    assert not validator("Entry").is_valid(entry)
    assert validator("Entry").is_valid(EXAMPLE["history"][1])


def test_the_discriminator_tells_the_kinds_of_entries_apart() -> None:
    entry = document()["components"]["schemas"]["Entry"]
    assert entry["discriminator"]["propertyName"] == "type"
    for value, reference in entry["discriminator"]["mapping"].items():
        kind = resolved({"$ref": reference})
        assert kind["properties"]["type"]["const"] == value
        assert {"$ref": reference} in entry["oneOf"]


def test_the_headers_of_real_answers_are_in_the_document(api: ApiClient, lead: Lead) -> None:
    ours = re.compile(r"ETag|Cache-Control|X-Request-Id|RateLimit-.*|Retry-After|WWW-.*")
    answers = {
        "200": api.history(lead),
        "304": api.history(lead, If_None_Match="*"),
        "400": api.history(lead, "?limit=0"),
        "401": ApiClient("nonsense").history(lead),
        "404": api.history("nonsense"),
    }
    for status, answer in answers.items():
        assert str(answer.status_code) == status
        documented = resolved(operation()["responses"][status])["headers"]
        assert {name for name in answer.headers if ours.fullmatch(name)} == set(documented)


def test_every_operation_behind_a_key_says_so_and_what_it_refuses() -> None:
    scheme = document()["components"]["securitySchemes"]["ApiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    for path in document()["paths"].values():
        for one in path.values():
            assert one["security"] == [{"ApiKey": []}]
            assert {"401", "403", "429", "500"} <= set(one["responses"])


# --- The page ------------------------------------------------------------------------------------


def test_the_page_shows_the_document_with_files_of_our_own(anonymous_api: ApiClient) -> None:
    answer = anonymous_api.get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'data-schema="/api/schema"' in page or 'data-schema="/api/schema/"' in page
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(files) == 5
    assert all(finders.find(file) for file in files)
    assert "http" not in page.replace("https://example.com", "")


def test_the_page_needs_no_inline_script_nor_style(anonymous_api: ApiClient) -> None:
    answer = anonymous_api.get("/api/docs")
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|style=", page)
    policy = answer.headers["Content-Security-Policy"]
    (scripts,) = re.findall(r"script-src ([^;]*)", policy)
    assert scripts.strip() == "'self'"


def test_the_pages_script_asks_nobody_else(anonymous_api: ApiClient) -> None:
    script = Path(str(finders.find("js/api-docs.js"))).read_text()
    assert "validatorUrl: null" in script
