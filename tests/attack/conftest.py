from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attack.internet import Internet, internet


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Internet]:
    directory = tmp_path / "certificates"
    directory.mkdir()
    with internet(directory) as made:
        yield made
