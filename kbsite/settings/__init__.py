"""Settings by place of use. Only `base` reads the environment."""
