"""The browser of the web tests, for the stories of whole programs too."""

from tests.web.conftest import chromium

__all__ = ["chromium"]
