"""Attached files in a bucket: what boto3 is asked for, answered by a dictionary."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from django.test import override_settings

from leads.models import Account
from tests.conftest import ApiClient
from timeline.files import keep
from timeline.models import StoredFile
from timeline.reports import File

BUCKET = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "acme",
            "access_key": "x",
            "secret_key": "y",
            "region_name": "eu-central-1",
            "location": "leadline",
            "default_acl": None,
            "file_overwrite": True,
        },
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


class Bucket(dict[str, bytes]):
    """Answers as S3 does: to putting, asking about, and getting an object."""

    def __init__(self) -> None:
        super().__init__()
        self.puts: list[dict[str, Any]] = []

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation == "PutObject":
            self.puts.append(asked)
            self[asked["Key"]] = asked["Body"].read()
            return {}
        if asked["Key"] not in self:
            raise ClientError({"ResponseMetadata": {"HTTPStatusCode": 404}}, operation)
        content = self[asked["Key"]]
        return {
            "ContentLength": len(content),
            "Body": io.BytesIO(content),
            "ETag": '"x"',
            "ResponseMetadata": {},
        }


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    bucket = Bucket()

    def call(_client: Any, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        return bucket.answer(operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    with override_settings(STORAGES=BUCKET):
        yield bucket


def test_a_file_is_kept_in_the_bucket_once_and_served_from_it(
    bucket: Bucket, account: Account, api: ApiClient
) -> None:
    file = File("a.txt", "text/plain", b"one two three")
    kept = keep(account.pk, file)
    assert keep(account.pk, file) == kept
    path = StoredFile.objects.get().path
    assert dict(bucket) == {f"leadline/{path}": b"one two three"}
    assert len(bucket.puts) == 1
    assert "ACL" not in bucket.puts[0]
    answer = api.get(f"/api/public/files/{kept['file']}", Range="bytes=4-6")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"two")
