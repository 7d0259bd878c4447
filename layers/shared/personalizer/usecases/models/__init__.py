"""A loop's models as things that people carry about: out, in, and back to an earlier one."""
