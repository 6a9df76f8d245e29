"""Order, grouping by documented place, fingerprints, baseline. Pure."""

from checker.ranking.baseline import compare, load_baseline, new_first, still_accepted
from checker.ranking.fingerprint import fingerprint
from checker.ranking.grouping import group, merge_same
from checker.ranking.rank import Selection, apply_rule_settings, rank, rule_wanted, select

__all__ = [
    "Selection",
    "apply_rule_settings",
    "compare",
    "fingerprint",
    "group",
    "load_baseline",
    "merge_same",
    "new_first",
    "rank",
    "rule_wanted",
    "select",
    "still_accepted",
]
