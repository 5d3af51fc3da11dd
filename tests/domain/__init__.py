"""The rules, held against what others published and against themselves."""
