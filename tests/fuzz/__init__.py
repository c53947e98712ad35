"""Hostile inputs, made at random but seeded: nothing crashes, hangs, or is silently wrong.

Run a target for as long as you like; findings are written, as small as they could be made, to `tests/fuzz/findings`:

    python -m fuzz --seconds 3600          (in the folder `tests`)
    python -m fuzz --target tables --seed 7 --seconds 60
"""
