"""Conversations, from the first word to the mail in the inbox: the whole house but its doors."""

import pytest

pytest.register_assert_rewrite("tests.transcript", "tests.flows.talk")
