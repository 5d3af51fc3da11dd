"""The contract's assertions are explained like those of any test."""

import pytest

pytest.register_assert_rewrite("tests.channels.contract", "tests.channels.abilities")
