"""What people do in a real browser; one world and one site per module."""
