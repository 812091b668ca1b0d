// The residual curve of a job that is over.

import "./plots/curve.js";
