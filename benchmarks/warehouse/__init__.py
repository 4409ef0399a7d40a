"""Landing and marts at scale, against the same marts in pandas."""
