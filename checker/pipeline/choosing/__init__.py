"""What a run asks, and of which operations."""
