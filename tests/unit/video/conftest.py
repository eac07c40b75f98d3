"""Small films, each rendered once for the whole suite."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.generators.video.film import Script, shoot

SHORT: dict[str, Any] = {"size": (480, 854), "hold": (0.8, 1.1), "turn": (0.4, 0.5), "fps": 15}


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Path, dict[str, Any]]]:
    """Render a film by its script, once; returns its path and truth."""
    folder = tmp_path_factory.mktemp("films")
    made: dict[str, tuple[Path, dict[str, Any]]] = {}

    def render(name: str = "film.mp4", **changes: Any) -> tuple[Path, dict[str, Any]]:
        script = Script(**({"seed": 31, "pages": 3} | SHORT | changes))
        key = f"{script}{name}"
        if key not in made:
            path = folder / f"{len(made)}-{name}"
            made[key] = (path, shoot(script, path))
        return made[key]

    return render
