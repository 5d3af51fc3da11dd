"""The benchmark: Balcão and others played side by side, from outside (bench/README.md)."""
