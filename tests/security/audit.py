"""`make audit`: pip-audit over every lock list, or a plain word that its database cannot be asked.

pip-audit passes over packages that its database does not know, and ends well. Where a mirror answers in
the database's place it knows none, so a package with known faults is asked about first, and every
package that was passed over counts as not audited.

Exit codes: 0 nothing is known against any package; 1 something is; 3 not all could be asked about.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

NOT_ASKED: Final = 3
_TIMEOUT: Final = 30
_FAULTY: Final = "jinja2==2.10\n"
"""It has known vulnerabilities; a database that has nothing to say of it is none."""


def main(folder: Path) -> int:
    """Audits the lists in a folder."""
    with tempfile.TemporaryDirectory() as place:
        canary = Path(place, "faulty.txt")
        canary.write_text(_FAULTY, encoding="utf-8")
        found, why = ask(canary)
    if not any(one.get("vulns") for one in found):
        print(f"NOT audited: the database of vulnerabilities cannot be reached from here ({why})")
        return NOT_ASKED
    code = 0
    for path in sorted(folder.glob("*.txt")):
        if "==" in path.read_text(encoding="utf-8"):
            code = max(code, audit(path), key=(0, NOT_ASKED, 1).index)
    return code


def audit(path: Path) -> int:
    """Audits one list and prints what came of it; its exit code."""
    found, why = ask(path)
    passed = [one["name"] for one in found if "skip_reason" in one]
    faulty = [one for one in found if one.get("vulns")]
    for one in faulty:
        ids = ", ".join(f"{fault['id']} (mended in {', '.join(fault['fix_versions'])})" for fault in one["vulns"])
        print(f"{path}: {one['name']} {one['version']}: {ids}")
    if not found or passed:
        print(f"{path}: NOT audited: {', '.join(passed) or why}")
    else:
        print(f"{path}: {len(found)} packages, {len(faulty)} with known vulnerabilities")
    return 1 if faulty else NOT_ASKED if passed or not found else 0


def ask(path: Path) -> tuple[list[dict[str, Any]], str]:
    """What pip-audit says of each package of a list, and of the list where it says nothing of one."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(path), "--disable-pip", "--no-deps"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", str(_TIMEOUT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], _gist(done.stderr)
    return found, next((one["skip_reason"] for one in found if "skip_reason" in one), "it answers nothing")


def _gist(said: str) -> str:
    """The last line that says something, without addresses."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return re.sub(r"https?://\S+|host='[^']*'", "...", lines[-1] if lines else "it says nothing")[:200]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
