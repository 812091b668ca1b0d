"""X-ray spectra and maps: line families, background, absorption, k-factors and composition."""
