"""Evaluation of extractions against gold labels; docs/metrics.md is the specification."""
