"""The tables of this folder to out.nt, with glocal-rdf; `--stream` in bounded memory."""

import sys
from pathlib import Path

from glocal_rdf import csvw

if "--stream" in sys.argv:
    with Path("out.nt").open("w+b") as sink:
        csvw.convert_stream("csv-metadata.json", sink)
else:
    csvw.convert("csv-metadata.json").triples.write("out.nt")
