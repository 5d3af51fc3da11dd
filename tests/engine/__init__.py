"""The conversation machine, law by law."""

import pytest

pytest.register_assert_rewrite("tests.transcript", "tests.engine.talk")
