"""Evaluations: what protocols say of samples, datasets and results."""
