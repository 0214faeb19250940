"""Find what one may see: two engines behind one interface, and the index outbox."""
