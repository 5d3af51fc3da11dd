"""Fonts of the documents, as package data: Inter 4.1, under the licence in Inter-OFL.txt."""
