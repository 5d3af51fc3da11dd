"""What is said to people: one file a flow. Adding a flow is adding a file here."""
