"""The billing system's files: read, checked, merged, handed back."""
