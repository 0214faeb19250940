"""Programs for developers; each prints what it does when started with --help."""
