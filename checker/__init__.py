"""driftcheck: finds, by controlled experiment, where an API's documentation is wrong."""

__version__ = "0.1.0"
