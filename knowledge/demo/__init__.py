"""Two companies and a guest to try the product with: `manage.py load_demo`."""
