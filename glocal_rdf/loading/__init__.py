"""Loading: fills a SPARQL store with statements, batch by batch, goes on where it stopped, and looks at the result.

1. Statements are read block by block (`statements`); those with blank nodes wait until the end, in their components.
2. A batch goes to the store by the Graph Store Protocol or by SPARQL Update (`writers`), at an address that was named
   or found out (`addresses`), with requests that are repeated where that is safe (`requests`).
3. What was done is written to a journal (`journal`), and a load that was stopped goes on (`transfer`, `filling`).
4. At the end the store is asked how many statements it has, and a sample is compared term by term (`verification`).
"""

from __future__ import annotations

__all__: list[str] = []
