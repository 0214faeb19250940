"""Documents and images that belong to a page: stored privately, served by the rule."""
