"""What the service does: a module for each function, and what these share."""
