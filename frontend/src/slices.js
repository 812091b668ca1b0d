// Volumes, images and tilt series of a page, cut at a place: each `[data-slices]` becomes a viewer.

import { Viewer } from "./seeing/viewer.js";

export function showSlices(within = document) {
  return [...within.querySelectorAll("[data-slices]")].map((root) => new Viewer(root));
}

showSlices();
