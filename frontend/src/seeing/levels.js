// Levels of an image in voxels of its full size, whose voxel 0 has its centre at 0.

// `shift` is the centre of the level's voxel 0, `factor` the length of its step, by what the file states. The last voxel
// may reach beyond the image where the length is odd.
export function levelWithin(level, whole) {
  return level.map(({ scale, shift }, k) => ({ factor: scale / whole[k].scale, shift: (shift - whole[k].shift) / whole[k].scale }));
}

// Of a level of which nothing is stated: it covers the whole.
export function levelByLengths(shape, whole) {
  return shape.map((length, k) => ({ factor: whole[k] / length, shift: (whole[k] / length - 1) / 2 }));
}

// The voxel of a level that covers a voxel of the full size, or a place between two of them.
export function indexWithin({ factor, shift }, place, length) {
  return Math.max(0, Math.min(length - 1, Math.floor((place - shift) / factor + 0.5)));
}

// The voxel of the full size that lies in the middle of a level's voxel.
export function middleOf({ factor, shift }, index, length) {
  return Math.max(0, Math.min(length - 1, Math.round(shift + factor * index)));
}
