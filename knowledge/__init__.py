"""The knowledge that organisations share: pages, files and the rule of who sees them."""
