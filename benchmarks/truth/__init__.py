"""Do engines tell the truth? Worlds whose returns are known, and everybody who claims to find them."""
