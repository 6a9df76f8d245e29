"""`driftcheck serve`: runs, history and the fix queue in a browser on this machine."""
