"""How long `driftcheck --help` takes beyond an interpreter that does nothing.

    python benchmarks/start.py [--rounds 15]

Both run by turns, with compiled modules found; the median of each, by the clock and in processor
time.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from things import Timed, timed

HELP = [sys.executable, "-m", "checker.cli", "--help"]
NOTHING = [sys.executable, "-c", "pass"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    timed(HELP)
    taken: dict[str, list[Timed]] = {"help": [], "nothing": []}
    for _ in range(rounds):
        taken["nothing"].append(timed(NOTHING))
        taken["help"].append(timed(HELP))
    print("| by | `python -c pass` | `driftcheck --help` | beyond |\n|---|---|---|---|")
    for name, attribute in (("the clock", "wall_s"), ("processor time", "cpu_s")):
        least, most = (
            1000 * statistics.median(getattr(t, attribute) for t in taken[which])
            for which in ("nothing", "help")
        )
        print(f"| {name} | {least:.0f} ms | {most:.0f} ms | +{most - least:.0f} ms |")


if __name__ == "__main__":
    main()
