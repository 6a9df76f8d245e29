"""Move generators: from a state and an answer to what else may be there before a request."""
