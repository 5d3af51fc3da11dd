"""The tests; what several of their folders share is here: fakes, and a real PostgreSQL."""
