"""What is to be known of an operation, question by question, and what became of each.

The ledger has an entry for every question that the documents raise; what the experiments have
decided is entered first, the runner asks what is left, and what can't be decided says why.
"""
