"""Fonts of the documents, as package data: Inter 4.1 cut by scripts/fonts.py, under the licence in Inter-OFL.txt."""
