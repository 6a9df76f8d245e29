"""The memory of runs: what each one found, kept in a database, and what changed between them."""
