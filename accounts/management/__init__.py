"""Commands about people and organisations."""
