"""What a plan does not say by itself: what is nearly as good, where it leaves the data, what binds, what was luck."""
