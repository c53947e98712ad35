"""The style of the page of findings: for screens of any width, dark ones too, and paper; filters without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

__all__ = ["STYLE", "filter_rules"]

STYLE: Final = """
:root { color-scheme: light dark; --back: #fff; --text: #1c1e21; --soft: #5c6470; --line: #d6dae0; --box: #f6f7f9;
  --violation: #b3261e; --violation-back: #fde3e1; --warning: #7a5400; --warning-back: #fff0c2; --info: #0b5394;
  --info-back: #e1effb; --other: #5b3a8c; --other-back: #ece5f6; }
@media (prefers-color-scheme: dark) { :root { --back: #15171a; --text: #e6e8eb; --soft: #a2aab5; --line: #3a3f47;
  --box: #1e2126; --violation: #ffb4ab; --violation-back: #4e1d1a; --warning: #f5cf6b; --warning-back: #453400;
  --info: #a8cdf5; --info-back: #13304d; --other: #d3bdf3; --other-back: #38274f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
.verdict { font-weight: 600; } .notes { color: var(--soft); margin: .25rem 0 1rem; padding: 0; list-style: none; }
.filter { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: .15rem .75rem;
  margin: 0 .25rem .5rem 0; cursor: pointer; }
.switch { position: absolute; opacity: 0; } .switch + .filter::before { content: "\\2610\\a0"; }
.switch:checked + .filter::before { content: "\\2611\\a0"; } .switch:focus-visible + .filter { outline: 2px solid; }
nav ul { padding-left: 1.25rem; } a { color: var(--info); }
.row { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; margin: 0 0 1rem; background: var(--box); }
.cells { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .25rem .75rem;
  margin: 0 0 .75rem; }
.cell { padding: .2rem .4rem; border-left: 3px solid transparent; min-width: 0; }
.cell dt { font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
.cell dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.finding { list-style: none; margin: .35rem 0; padding: .35rem .6rem; border-left: 4px solid; overflow-wrap: anywhere;
  background: var(--back); }
.findings { margin: 0; padding: 0; } .label { font-weight: 600; }
.more { color: var(--soft); font-size: .85rem; } .blank { color: var(--soft); font-style: italic; }
.violation { border-color: var(--violation); } .violation .label { color: var(--violation); }
.warning { border-color: var(--warning); } .warning .label { color: var(--warning); }
.info { border-color: var(--info); } .info .label { color: var(--info); }
.other { border-color: var(--other); } .other .label { color: var(--other); }
.cell.violation { background: var(--violation-back); } .cell.warning { background: var(--warning-back); }
.cell.info { background: var(--info-back); } .cell.other { background: var(--other-back); }
.cell.marked dd { font-weight: 600; }
@media (max-width: 30rem) { body { padding: .6rem; } .cells { grid-template-columns: 1fr 1fr; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .filter, .filters, .switch, nav { display: none; }
  .row { break-inside: avoid; background: none; } .cell.marked { outline: 1px solid; } a { color: inherit; } }
"""
"""The style sheet of the page; its colours have a contrast of at least 4.5 to 1 on their backgrounds."""


def filter_rules(levels: Sequence[str], rows: Iterable[frozenset[str]]) -> str:
    """Return the rules by which a box that is not ticked hides the findings of its severity.

    Args:
        levels: The severities that there are boxes for; the boxes stand before `main` in this order.
        rows: The severities of the findings of each row; a row of which nothing is shown is hidden too.

    Examples:
        >>> for rule in filter_rules(["info"], [frozenset({"info"})]).split(","):
        ...     print(rule)
        #show-info:not(:checked)~main .finding.info
        #show-info:not(:checked)~main .only-info{display:none}
    """
    occurring = set(rows)
    selectors = [f"#show-{level}:not(:checked)~main .finding.{level}" for level in levels]
    for count in range(1, len(levels) + 1):
        for some in combinations(levels, count):
            if frozenset(some) in occurring:
                boxes = "~".join(f"#show-{level}:not(:checked)" for level in some)
                selectors.append(f"{boxes}~main .only-{'-'.join(some)}")
    return ",".join(sorted(selectors)) + "{display:none}" if selectors else ""
