"""How long a test waits for what has to come, whatever else the machine does."""

from __future__ import annotations

PATIENCE_S = 1_800.0
"""Keeps a test from hanging for ever; nothing is measured by it.

A test that needs less may not say so: on a busy machine everything takes many times as long.
What has to stay away is waited for shortly, in a way that can't come late.
"""
