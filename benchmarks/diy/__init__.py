"""The service that a team would write itself, and what it costs."""
