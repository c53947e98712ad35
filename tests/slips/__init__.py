"""Slips of the hand in the tables of the dataset, made at random but seeded: which of them validation catches.

A slip changes what one person typed once: a year, the object of a claim, the column of a text. Each of 18 kinds is made
in rows that validation has nothing to say about; it is caught where validation then reports its row or what it is
about, tried alone where it passed beside others. What leaves a claim true is not made (`kinds`).
Measure as many as you like, of all kinds or some:

    python -m slips --each 100                     (in the folder `tests`)
    python -m slips --each 20 --kind predicate --list
"""
