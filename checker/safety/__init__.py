"""What may be sent: effects of operations, ownership of things, the gate. Pure."""
