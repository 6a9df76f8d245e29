"""Whether a target's answers are answers of the API at all, and enough of them."""
