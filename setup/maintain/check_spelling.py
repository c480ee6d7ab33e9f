"""Look for common misspellings in what people read: texts, code, and the cells of notebooks.

    python setup/maintain/check_spelling.py

Stored outputs are left out, since a small model's English is its own. codespell finds only what it
has on its list of misspellings; pyproject.toml lists the words that are meant as they are.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = (
    "*.md", "*.toml", "*.cff", "*.txt", "conftest.py", ".github/**/*.*", "0[1-6]_*/*.md",
    "0[1-6]_*/*.py", "0[1-6]_*/instructions.json", "0[1-6]_*/*/*.yaml", "setup/**/*.md",
    "setup/**/*.txt", "setup/**/*.py", "tests/**/*.py", "tests/**/*.txt", "workshop_lib/**/*.py",
    "workshop_lib/**/*.html",
)  # fmt: skip


def cells(notebook: Path) -> str:
    """Return what a notebook's author wrote, without the outputs."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells) + "\n"


def main(root: Path = ROOT) -> int:
    """Print each misspelling with its file and line; return 1 if there is one."""
    codespell = [sys.executable, "-m", "codespell_lib", "--toml", str(ROOT / "pyproject.toml")]
    files = sorted({path for pattern in WRITTEN for path in root.glob(pattern)})
    with tempfile.TemporaryDirectory() as folder:
        for notebook in root.glob("0[1-6]_*/*.ipynb"):
            text = Path(folder, notebook.stem)
            text.write_text(cells(notebook), encoding="utf-8")
            files.append(text)
        return subprocess.call([*codespell, *map(str, files)], cwd=root)


if __name__ == "__main__":
    sys.exit(main())
