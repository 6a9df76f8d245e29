"""Checks from within test suites: an application in process, and a run that tests share."""

from checker.testing.applications import serving
from checker.testing.checking import Checked, DriftFound, check_application

__all__ = ["Checked", "DriftFound", "check_application", "serving"]
