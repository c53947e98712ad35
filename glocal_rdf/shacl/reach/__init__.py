"""How far shapes look: the triples around a focus node that can change what is reported of it.

Every constraint of SHACL Core looks at its focus node and at what its paths lead to. So a graph can be cut by focus
nodes: to validate some of them, the triples within reach of these are enough. `automaton` follows paths, `shapes` the
shapes, and `queries` the patterns of SPARQL-based constraints.
"""

from glocal_rdf.shacl.reach.automaton import FOCUS, Reach, Sample, Step
from glocal_rdf.shacl.reach.shapes import find_reach

__all__ = ["FOCUS", "Reach", "Sample", "Step", "find_reach"]
