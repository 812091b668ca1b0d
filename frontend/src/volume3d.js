// A volume in space: fetched when somebody opens it, since what draws it is large.

export { mount3d } from "./seeing3d/mount.js";
