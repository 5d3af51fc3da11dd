"""The billing system's files: customers and invoices in, what customers changed out."""
