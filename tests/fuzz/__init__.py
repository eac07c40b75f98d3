"""Inputs without end for everything that parses what strangers send.

`python -m tests.fuzz --inputs 1000000` is the nightly size; `tests/fuzz/test_fuzz.py` runs a
few thousand of the same. An input is a pure function of (seed, target, index): a finding is
repeated with `--only INDEX`.
"""
