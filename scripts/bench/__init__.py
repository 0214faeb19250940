"""Measure what grows: `make bench`. Results are in docs/benchmarks.md.

Two installations with the same 40 organisations, 200 projects and 3,000 grants, of
5,000 and of 25,000 pages, are built by the import that everybody uses and then asked
the same questions in turn, so that a noisy machine is noisy for both.
"""
