"""The benchmark: its data, its scripts and its tables; nothing is measured here."""
