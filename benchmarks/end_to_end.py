"""Requests of `--rule required-undocumented` as a user runs it, beside a run with all rules.

    python benchmarks/end_to_end.py [--fields 8,32,128] [--seeds 2]

For n optional fields of which r are really required: requests to the creation after its first
accepted one (which is where the search for a working request ends), against
1.5 × (⌈log2 C(n, r)⌉ + 2), and all requests of the run, beside those with all rules. A run whose
findings aren't just the r fields ends the program.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys

from things import Api, run

OPTIONS = ("--rule=required-undocumented", "--no-fuzz")


def least(fields: int, required: int) -> int:
    """⌈log2 C(n, r)⌉ + 2: what tells the sets of r fields apart, with one control and one more."""
    return math.ceil(math.log2(math.comb(fields, required)) - 1e-9) + 2


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fields", default="8,32,128")
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    ratios: list[float] = []
    print(
        "| n | r | goal | asked, mean | in all, mean | with all rules |\n|---|---|---|---|---|---|"
    )
    for fields in (int(n) for n in given.fields.split(",")):
        for required in (0, 1, 2, 4):
            asked, sent = [], []
            for seed in range(given.seeds):
                drawn = random.Random(f"{fields}:{required}:{seed}").sample(range(fields), required)
                taken = run(Api(1, fields, tuple(sorted(drawn))), *OPTIONS)
                found = {f["field"]["name"] for f in taken.report["findings"]}
                if found != {f"field_{n}" for n in drawn}:
                    sys.exit(f"wrong answer for n={fields}: {found} instead of {drawn}")
                asked.append(taken.asked)
                sent.append(taken.requests)
            whole = run(Api(1, fields, tuple(sorted(drawn))), "--no-fuzz").requests
            goal = least(fields, required)
            ratios.append(statistics.mean(asked) / goal)
            print(
                f"| {fields} | {required} | {1.5 * goal:.1f} | {statistics.mean(asked):.1f} "
                f"| {statistics.mean(sent):.1f} | {whole} |",
                flush=True,
            )
    print(f"\nmedian of asked / (⌈log2 C(n, r)⌉ + 2): {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
