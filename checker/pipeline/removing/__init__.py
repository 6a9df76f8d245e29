"""What a run has made goes again, what it borrowed is given back; and what that shows."""
