"""Facility law: pure functions over plain values, standard library only."""
