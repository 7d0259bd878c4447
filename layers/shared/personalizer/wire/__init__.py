"""Azure's JSON, and what it means: the only place that knows its field names."""
