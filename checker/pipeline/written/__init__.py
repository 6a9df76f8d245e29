"""A run's journal on disk: how it is written, and read back."""
