"""A dataset to measure on, as small as it gets: some seven thousand entries."""

import pytest

from timeline.bench import dataset
from timeline.bench.dataset import Dataset

SCALE = 0.001


@pytest.fixture
def data(transactional_db: None) -> Dataset:
    # Building ends with VACUUM, which runs in no transaction.
    return dataset.build(SCALE)
