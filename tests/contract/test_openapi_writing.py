"""The operations on leads and histories in the OpenAPI document: their examples are true."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from config.api_docs import document
from leads import lead_fields
from leads.models import Lead
from tests.conftest import ApiClient
from tests.contract.test_openapi import resolved, validator
from tests.contract.test_write_history import activity, call, message
from timeline.api.entry_fields import KEYS

OPERATIONS = {
    operation["operationId"]: operation
    for path in document()["paths"].values()
    for operation in path.values()
}
WRITING = ["createLeads", "changeLead", "recordEntries", "amendEntry"]


def holds(schema: dict[str, Any]) -> Any:
    """Return a validator of a schema that stands somewhere in the document."""
    whole = Resource.from_contents(document(), default_specification=DRAFT202012)
    absolute = json.dumps(schema).replace('"#/', '"urn:api#/')
    return Draft202012Validator(
        json.loads(absolute),
        registry=Registry().with_resource("urn:api", whole),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    answers = map(resolved, operation["responses"].values())
    for place in (operation.get("requestBody", {}), *answers):
        yield from place.get("content", {}).values()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_example_is_what_its_schema_says(name: str) -> None:
    examples = [
        (body["schema"], example["value"])
        for body in bodies(OPERATIONS[name])
        for example in body.get("examples", {}).values()
    ]
    assert examples
    for schema, example in examples:
        holds(schema).validate(example)


@pytest.mark.parametrize("name", WRITING)
def test_the_examples_of_requests_are_taken(full_api: ApiClient, lead: Lead, name: str) -> None:
    entries = {
        "Message": full_api.send("POST", f"/{lead.id}/history", message()).json()["entry"]["id"],
        "Call": full_api.send("POST", f"/{lead.id}/history", call()).json()["entry"]["id"],
    }
    doors = {
        "createLeads": ("POST", ""),
        "changeLead": ("PATCH", f"/{lead.id}"),
        "recordEntries": ("POST", f"/{lead.id}/history"),
        "amendEntry": ("PATCH", f"/{lead.id}/history/{{entry}}"),
    }
    method, path = doors[name]
    (body,) = OPERATIONS[name]["requestBody"]["content"].values()
    for title, example in body["examples"].items():
        answer = full_api.send(method, path.format(entry=entries.get(title)), example["value"])
        assert answer.status_code in {200, 201}, answer.content


def test_what_is_given_has_the_keys_that_are_read() -> None:
    schemas = document()["components"]["schemas"]
    shared = {"type", "timestamp", "external_id", "channel"}
    for kind, keys in KEYS.items():
        assert set(schemas[f"New{kind.capitalize()}"]["properties"]) == {*keys, *shared}
    own = {*lead_fields.TEXTS, "status", "metadata"}
    assert set(schemas["NewLead"]["properties"]) == {*own, "id", "created_at"}
    assert set(schemas["LeadChange"]["properties"]) == own


@pytest.mark.parametrize(
    ("schema", "sound", "changes"),
    [
        ("NewEntry", message(), [{"type": "letter"}, {"extra": 1}, {"external_id": ""}]),
        ("NewEntry", call(), [{"channel": "email"}, {"transcript": [{"role": "agent"}]}]),
        ("NewEntry", activity(), [{"title": None}, {"actor_type": "robot"}]),
        ("NewLead", {"phone": "1", "x": [1]}, [{"phone": ""}, {"owner": 1}, {"metadata": []}]),
        ("LeadChange", {"title": None, "x": 1}, [{"status": None}, {"id": "x"}, {"owner": None}]),
        ("EntryChange", {"status": "read"}, [{"status": "seen"}, {"content": "x"}]),
    ],
)
def test_the_document_would_notice_what_is_refused(
    schema: str, sound: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    assert validator(schema).is_valid(sound)
    for change in changes:
        assert not validator(schema).is_valid({**sound, **change})


def test_the_headers_of_real_answers_are_in_the_document(full_api: ApiClient, lead: Lead) -> None:
    ours = re.compile(r"ETag|Cache-Control|X-Request-Id|RateLimit-.*|Idempotency-.*")
    full_api.send("POST", "", {"first_name": "Ana"}, Idempotency_Key="k")
    answers = [
        ("createLeads", full_api.send("POST", "", {"first_name": "Ana"}, Idempotency_Key="k")),
        ("createLeads", full_api.send("POST", "", {})),
        ("createLeads", full_api.send("POST", "", b"", Content_Type="text/plain")),
        ("createLeads", full_api.send("POST", "", {"first_name": "E", "id": str(lead.id)})),
        ("getLead", full_api.get(f"/api/public/leads/{lead.id}")),
        ("getLead", full_api.get("/api/public/leads/x")),
        ("listLeads", full_api.get("/api/public/leads")),
    ]
    for name, answer in answers:
        response = resolved(OPERATIONS[name]["responses"][str(answer.status_code)])
        found = {header for header in answer.headers if ours.fullmatch(header)}
        assert found | {"Idempotency-Replayed"} == set(response["headers"]) | {
            "Idempotency-Replayed"
        }
