"""The asset graph: thin decorators around `warehouse` and `mmm_models`."""
