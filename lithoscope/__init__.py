"""Lithoscope: data, dose and analysis of battery-materials microscopy."""
