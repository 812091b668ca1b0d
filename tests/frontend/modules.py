"""Browser modules that touch no page, run by Node: each call on its own, arguments and answer as JSON."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.servers import need

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
RUN = """
const [module, code, given] = process.argv.slice(1);
const found = await import(module);
const answer = new Function("module", "given", `return (${code})(module, ...given)`)(found, JSON.parse(given));
console.log(JSON.stringify(answer));
"""


def run(module: str, code: str, *given: Any) -> Any:
    """
    Run a function of JavaScript, which is handed a module and what is given.

    Parameters
    ----------
    module : str
        Path below ``frontend/src``.
    code : str
        Such as ``({ number }, value) => number(value)``.
    given : JSON
        Further arguments.
    """
    need("node", None if shutil.which("node") else "needs Node")
    command = ["node", "--input-type=module", "--eval", RUN, "--", str(SOURCES / module), code, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
