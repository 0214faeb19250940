"""What the tests stand on: databases, services, reports."""
