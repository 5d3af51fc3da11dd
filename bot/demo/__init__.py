"""The demo: an invented internet provider, its customers and their bills."""
