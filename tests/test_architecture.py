"""The package's rooms: no circle, one direction, faces that only hand on, files of readable length."""

import re
import subprocess
import sys

import pytest
from import_graph import (
    ROOMS,
    circle,
    face_faults,
    faces_imported,
    graph,
    is_face,
    package_sources,
    room,
    too_long,
    wrong_directions,
)
from test_built_in import all_cells, built, used

import workshop_lib
from workshop_lib.paths import ROOT

LONGEST_FILE = 250  # lines
# What takes long to import, so no face does it: a name that needs it is looked up when it is used.
SLOW = (
    "datasets IPython ipywidgets lightning litgpt lm_eval matplotlib nbclient transformers".split()
)
# Rooms that work without torch, which alone takes a second or two.
WITHOUT_TORCH = ("config", "assets", "tokenizer", "commands", "course")
SOURCES = package_sources()
RULES = (circle, wrong_directions, faces_imported)


def test_no_file_imports_itself_by_way_of_others():
    assert circle(SOURCES) == []


def test_imports_run_one_way_from_room_to_room():
    faults = wrong_directions(SOURCES)
    assert not faults, "\n".join(["", *faults])


def test_inside_the_package_files_are_imported_and_not_faces():
    faults = faces_imported(SOURCES)
    assert not faults, "\n".join(["", *faults])


def test_faces_only_hand_on_what_they_name():
    faces = {module: text for module, text in SOURCES.items() if module in ROOM_FACES}
    faults = face_faults(faces)
    assert not faults, "\n".join(["", *faults])


def test_every_file_can_be_read_in_one_sitting():
    assert too_long(SOURCES, LONGEST_FILE) == []


ROOM_FACES = [module for module in SOURCES if is_face(module) and module.count(".") == 1]


def loaded(*modules: str, watch: list[str]) -> set[str]:
    """Import modules in a fresh process and return which of the watched ones came with them."""
    code = f"import sys, {', '.join(modules)}\nprint(*[m for m in {watch!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_else():
    watch = ["torch", "numpy", *[f"workshop_lib.{name}" for name in ROOMS], *SLOW]
    assert loaded("workshop_lib", watch=watch) == set()


def test_faces_import_nothing_that_takes_long():
    faces = [f"workshop_lib.{room(module)}" for module in ROOM_FACES]
    assert loaded(*faces, watch=SLOW) == set()
    light = [f"workshop_lib.{name}" for name in WITHOUT_TORCH]
    assert loaded(*light, watch=["torch", *SLOW]) == set()


def test_names_that_a_face_looks_up_late_are_there():
    from workshop_lib import lit

    assert set(lit.__all__) <= set(dir(lit))
    assert all(getattr(lit, name).__name__ == name for name in ("model_settings", "lit_batches"))
    with pytest.raises(AttributeError, match="workshop_lib.lit has no 'gone'"):
        _ = lit.gone


# --- The map, chapter by chapter ------------------------------------------------------------


def map_of_docstring(text: str) -> dict[str, list[str]]:
    lines = re.findall(r"^    (\w+(?: \w+)?) {2,}(.+)$", text, re.MULTILINE)
    return {title: names.split() for title, names in lines}


def map_of_readme(text: str) -> dict[str, list[str]]:
    rows = re.findall(r"^\| ([\w ]+) \| (\[.*\]\(workshop_lib/.*) \|$", text, re.MULTILINE)
    return {title: re.findall(r"\[(\w+)\]\(workshop_lib/", names) for title, names in rows}


def test_the_map_names_every_room_and_no_other():
    shown = map_of_docstring(workshop_lib.__doc__)
    assert 8 <= len(shown) <= 10
    assert {name for names in shown.values() for name in names} == {*map(room, SOURCES)} - {
        "__main__"
    }
    assert shown == map_of_readme((ROOT / "README.md").read_text("utf-8"))


def test_each_chapter_of_the_map_teaches_from_its_rooms():
    """A chapter that the map gives a room builds a name of it, or imports one."""
    cells = all_cells()
    taught = [*built(cells).items(), *used(cells).items()]
    for title, names in map_of_docstring(workshop_lib.__doc__).items():
        if title.startswith("chapter "):
            chapter = f"0{title[-1]}"
            rooms = {room(file) for (file, _), by in taught if any(n[:2] == chapter for n in by)}
            assert set(names) <= rooms, title


def test_a_room_that_is_missing_on_the_map_is_seen():
    assert map_of_docstring("Map\n\n    chapter 2   tokenizer  data\n    tools       plot\n") == {
        "chapter 2": ["tokenizer", "data"],
        "tools": ["plot"],
    }
    row = "| chapter 2 | [data](workshop_lib/data) · [plot](workshop_lib/plot.py) |\n| a | [b](c) |"
    assert map_of_readme(row) == {"chapter 2": ["data", "plot"]}


# --- The rules themselves: a small package, and one fault at a time ------------------------

GOOD = {
    "config.__init__": '"""Sizes."""\nfrom workshop_lib.config.model import Config\n'
    '__all__ = ["Config"]',
    "config.model": "import os\nclass Config: ...",
    "model.__init__": '"""Model."""\nfrom workshop_lib.model.gpt import GPT\n__all__ = ["GPT"]',
    "model.layers": "from workshop_lib.config.model import Config",
    "model.gpt": "import torch\nfrom workshop_lib.model import layers\nclass GPT: ...",
    "generate": "def generate():\n    from workshop_lib.model.gpt import GPT",
}


def planted(**files: str) -> dict[str, str]:
    """Return the small package with more lines in some files: model_layers is model.layers."""
    added = {name.replace("_", ".", 1): text for name, text in files.items()}
    return GOOD | {name: f"{GOOD.get(name, '')}\n{text}" for name, text in added.items()}


def test_the_graph_is_that_of_the_imports():
    assert graph(GOOD) == {
        "config.__init__": {"config.model"},
        "config.model": set(),
        "model.__init__": {"model.gpt"},
        "model.layers": {"config.model"},
        "model.gpt": {"model.layers"},
        "generate": {"model.gpt"},
    }
    assert len(graph(SOURCES)["train.loop"]) >= 3, "an empty graph would have no circles"


def test_a_good_package_passes():
    assert not any(rule(GOOD) for rule in RULES)
    assert face_faults({name: GOOD[name] for name in GOOD if is_face(name)}) == []
    assert too_long(GOOD, 10) == []


@pytest.mark.parametrize(
    "line",
    [
        "from workshop_lib.model.gpt import GPT",
        "from workshop_lib.model import gpt",
        "import workshop_lib.model.gpt as other",
        "from . import gpt",
        "from .gpt import GPT",
        "def late():\n    from workshop_lib.model.gpt import GPT",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..model.gpt import GPT",
    ],
)
def test_a_circle_is_found_however_it_is_written(line):
    assert circle(planted(model_layers=line)) == ["model.gpt", "model.layers"]


def test_a_longer_circle_and_a_file_that_imports_itself_are_found():
    long = planted(config_model="from workshop_lib import generate")
    assert circle(long) == ["config.model", "generate", "model.gpt", "model.layers"]
    assert circle(planted(config_model="import workshop_lib.config.model")) == ["config.model"]


def test_a_wrong_direction_is_found():
    assert wrong_directions(planted(config_presets="from workshop_lib.model.gpt import GPT")) == [
        "config.presets imports model.gpt: model comes after config"
    ]
    assert wrong_directions(planted(cellar_wine="")) == ["cellar has no place in ROOMS"]


def test_an_imported_face_is_found():
    for line in ("from workshop_lib.model import GPT", "import workshop_lib.model"):
        assert faces_imported(planted(generate=line)) == [
            "generate imports the face of model: name the file"
        ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("from workshop_lib.model.gpt import Block", "__all__ and the imports differ in Block"),
        ('__all__ = ["GPT", "KVCache"]', "__all__ and the imports differ in KVCache"),
        ("from workshop_lib.config.model import Config", "hands on from another room"),
        (
            'from workshop_lib.model.gpt import Block\n__all__ = ["GPT", "Block"]',
            "__all__ is not in alphabetical order",
        ),
    ],
)
def test_a_face_that_hands_on_something_else_is_found(text, fault):
    faults = face_faults({"model.__init__": planted(model___init__=text)["model.__init__"]})
    assert any(fault in line for line in faults)


def test_a_long_file_is_found():
    assert too_long({"model.gpt": "x\n" * 11}, 10) == ["model.gpt has 11 lines, more than 10"]
