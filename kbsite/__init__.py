"""The site: settings, addresses and start-up. Wiring only, no rules."""
