"""Speed, truth and scale, each as a ratio to a named peer in the same run."""
