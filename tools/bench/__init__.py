"""pybake beside the reference, in one run: ratios of wall time, because machines are noisy."""
