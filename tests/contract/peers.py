"""Asked in the environment of the judges: JUDGE FILE [PROFILE]; says ``sound``, or what is wrong with the file."""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path


def judge_crate(folder: Path, profile: str) -> list[str]:
    """Hold an unpacked crate against what a profile requires; its context comes from the rocrate package."""
    with tempfile.TemporaryDirectory() as room:
        cache, report = Path(room) / "contexts", Path(room) / "report.json"
        keep_contexts(cache)
        alone = ["-nh"] if profile.startswith("process") else []  # it stands on RO-Crate 1.1, whose edition ours is not
        asked = ["--offline", "--no-paging", "--cache-path", str(cache), "-l", "required", *alone]
        judge = Path(sys.executable).with_name("rocrate-validator")
        written = ["-f", "json", "-o", str(report)]
        subprocess.run(
            [judge, "validate", *asked, "-p", profile, *written, str(folder)], capture_output=True, check=False
        )
        found = json.loads(report.read_text())
        issues = [f"{issue['message']}: {issue.get('violatingEntity')}" for issue in found["issues"]]
        return issues or ([] if found["passed"] else ["it did not pass"])


def keep_contexts(cache: Path) -> None:
    """Put the contexts of RO-Crate where the validator looks for what it fetched before."""
    import requests
    import rocrate
    from requests_cache import CachedSession
    from urllib3 import HTTPResponse

    context = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
    headers = {"Content-Type": "application/ld+json"}
    kept = CachedSession(str(cache), backend="sqlite", expire_after=-1)
    for edition in ("1.2", "1.3"):
        address = f"https://w3id.org/ro/crate/{edition}/context"
        asked = requests.Request("GET", address, headers={"Accept": "application/ld+json, application/json"}).prepare()
        answer = requests.Response()
        answer.status_code, answer._content, answer.url, answer.request = 200, context, address, asked
        answer.headers.update(headers)
        raw = io.BytesIO(context)
        answer.raw = HTTPResponse(raw, status=200, headers=headers, preload_content=False, request_url=address)
        kept.cache.save_response(answer, expires=None)
    kept.close()


def judge_provenance(file: Path) -> list[str]:
    """Read PROV-JSON."""
    from prov.model import ProvDocument

    return [] if ProvDocument.deserialize(str(file), format="json").records else ["it says nothing"]


def main() -> None:
    """Judge what the command line names."""
    judge, file, *more = sys.argv[1:]
    problems = judge_crate(Path(file), *more) if judge == "crate" else judge_provenance(Path(file))
    sys.stdout.write("\n".join(problems) or "sound")


if __name__ == "__main__":
    main()
