"""Patches applied to text, and as overlays. Pure: texts in, texts out."""

from checker.fixing.apply import Fixed, by_file, fix_text, unified_diff
from checker.fixing.overlay import overlay

__all__ = ["Fixed", "by_file", "fix_text", "overlay", "unified_diff"]
