"""What the patches of findings change elsewhere, and what they need there."""
