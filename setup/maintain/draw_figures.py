"""Draw every SVG figure of the workshop.

    python setup/maintain/draw_figures.py            write those that have changed
    python setup/maintain/draw_figures.py --check    write nothing; fail when a file is not as drawn

Figures are functions in `setup/maintain/figures/`. For maintainers; needs only the standard library.
"""

import argparse
import importlib
import inspect
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))  # for `import figures`, from wherever this is run


def draw_all() -> dict[Path, str]:
    """Return the text of every figure by the file it belongs in."""
    drawn = {}
    for file in sorted(Path(__file__).parent.glob("figures/notebook_*.py")):
        module = importlib.import_module(f"figures.{file.stem}")
        [chapter] = ROOT.glob(f"{file.stem.removeprefix('notebook_')[:2]}_*")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            path = chapter / "figures" / f"{name}.svg"
            if path in drawn:
                raise ValueError(f"two figures of chapter {chapter.name} are called {name}")
            drawn[path] = function()
    return drawn


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare only")
    args = parser.parse_args()
    drawn = draw_all()
    odd = [p for p, text in drawn.items() if not p.exists() or p.read_bytes() != text.encode()]
    stale = set(ROOT.glob("0[1-6]_*/figures/*.svg")) - set(drawn)
    for path in odd:
        if not args.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(drawn[path].encode())
        print(f"{'not as drawn' if args.check else 'drew'}: {path.relative_to(ROOT)}")
    for path in sorted(stale):
        print(f"drawn by no function: {path.relative_to(ROOT)}")
    return int(bool(stale or (args.check and odd)))


if __name__ == "__main__":
    sys.exit(main())
