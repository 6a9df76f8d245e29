"""Processor time of a request, in whole runs, by the number of fields of its body.

    python benchmarks/processor.py [--fields 8,32,128]

What a run takes without any request (`--static`: imports, documents, reports) is measured by
itself and taken off; so is, in the last column, what generation of values takes (`--no-fuzz`).
Processor time of the checking process alone, whatever else the machine does.
"""

from __future__ import annotations

import argparse

from things import Api, run, static


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--fields", default="8,32,128")
    counts = [int(n) for n in parser.parse_args().fields.split(",")]
    print("| fields | requests | without requests | a request | without generation |")
    print("|---|---|---|---|---|")
    for count in counts:
        api = Api(2, count, (1, count // 2))
        rest = static(api).cpu_s
        whole, lean = run(api), run(api, "--no-fuzz")
        each = [1000 * (r.cpu_s - rest) / r.requests for r in (whole, lean)]
        print(
            f"| {count} | {whole.requests} | {rest:.2f} s | {each[0]:.1f} ms | {each[1]:.1f} ms |"
        )


if __name__ == "__main__":
    main()
