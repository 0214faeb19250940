"""Targets for a fuzzer: what must hold for any bytes. `make fuzz` runs them.

The same targets run over the kept corpus in every test run (`test_corpus.py`).
"""
