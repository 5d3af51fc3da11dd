"""The static files of our pages, under a path that names their content, so that browsers keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"


class _Kept(StaticFiles):
    """Static files that never change under their path."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class Assets:
    """Scripts and styles. Modules import each other by relative path, below the same digest."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        digest = hashlib.sha256()
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            digest.update(str(file.relative_to(folder)).encode())
            digest.update(file.read_bytes())
        self.path = f"/static/{digest.hexdigest()[:16]}"

    def url(self, name: str) -> str:
        """Where a file is, as `css/chat.css`."""
        return f"{self.path}/{name}"

    def routes(self) -> Sequence[BaseRoute]:
        return [Mount(self.path, _Kept(directory=self._folder))]
