"""Plans against the best plan that is known: other optimizers, other planners, and companies whose truth is known."""
