"""The suite; the tree mirrors the code, see docs/testing.md."""
