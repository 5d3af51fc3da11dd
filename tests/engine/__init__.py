"""The conversation machine, law by law."""
