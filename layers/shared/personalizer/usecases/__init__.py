"""What the service does, one module per function."""
