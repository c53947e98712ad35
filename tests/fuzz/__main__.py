"""Runs the targets for some time, each case in a process that may crash or hang; makes what it finds small."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fuzz.runner import hunt
from fuzz.targets import TARGETS


def main() -> int:
    """Run, print what was found, and exit with 1 if anything was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="for how long in all")
    parser.add_argument("--seed", type=int, default=0, help="with which number to begin")
    parser.add_argument("--target", choices=sorted(TARGETS), action="append", help="what to run; all if not given")
    given = parser.parse_args()
    chosen = given.target or sorted(TARGETS)
    found = 0
    for name in chosen:
        result = hunt(name, given.seed, given.seconds / len(chosen), keep=Path(__file__).parent / "findings")
        print(f"{name}: {result.cases:,} cases, {len(result.findings)} findings")
        for finding in result.findings:
            found += 1
            print(f"  seed {finding.seed}: {finding.what}\n    {finding.kept}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
