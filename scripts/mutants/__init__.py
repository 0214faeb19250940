"""Change one thing in the access rule, ask whether a test sees it, and count."""
