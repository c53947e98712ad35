"""Makes slips in a copy of the bundled dataset and prints, by kind, how many validation catches."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from glocal_rdf.project import PARTS
from slips.kinds import KINDS
from slips.trial import Trial, try_slips

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """Run, print the counts, and exit with 1 if fewer than `--goal` of 100 slips in random rows are caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=Path, default=ROOT.parent / "shared" / "documents", help="their folder")
    parser.add_argument("--each", type=int, default=25, help="how many slips of each kind")
    parser.add_argument(
        "--anywhere", type=int, default=100, help="how many in rows at random, of a kind possible there"
    )
    parser.add_argument("--seed", type=int, default=0, help="with which number to begin")
    parser.add_argument("--kind", choices=sorted(KINDS), action="append", help="what to make; all if not given")
    parser.add_argument("--list", action="store_true", help="print the slips that were not caught")
    parser.add_argument("--goal", type=float, default=98, help="how many of 100 in random rows are to be caught")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        for part in PARTS:
            shutil.copytree(ROOT / part, Path(folder) / part)
        root = Path(folder)
        by_kind = list(try_slips(root, given.documents, given.seed, each=given.each, kinds=given.kind or KINDS))
        anywhere = list(try_slips(root, given.documents, given.seed, anywhere=given.anywhere))
    made, caught = count(by_kind)
    for kind in made:
        print(f"{kind:22}{caught[kind]:5} of {made[kind]:4}")
    if made:
        print(f"{'each kind alike':22}{average(made, caught):5.1f} of  100")
    share = 100 * sum(trial.caught for trial in anywhere) / len(anywhere) if anywhere else 100.0
    print(f"{'in rows at random':22}{share:5.1f} of  100")
    if given.list:
        for trial in (*by_kind, *anywhere):
            if not trial.caught:
                print(f"not caught: {trial.slip}")
    return 0 if share >= given.goal else 1


def count(trials: list[Trial]) -> tuple[dict[str, int], Counter[str]]:
    """Count the slips that were made, and those that were caught, by kind."""
    made = Counter(trial.slip.kind for trial in trials)
    return {kind: made[kind] for kind in KINDS if made[kind]}, Counter(t.slip.kind for t in trials if t.caught)


def average(made: dict[str, int], caught: Counter[str]) -> float:
    """Return how many of 100 slips are caught where each kind is as likely as another."""
    return sum(100 * caught[kind] / number for kind, number in made.items()) / len(made)


if __name__ == "__main__":
    sys.exit(main())
