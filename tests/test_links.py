"""Every local link in a Markdown file or notebook leads to a file and a heading that exist."""

import pytest
from links import anchors, broken_links, pages

from workshop_lib.course.editions import write
from workshop_lib.paths import ROOT


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    assert broken_links(page) == []


def test_the_pages_are_all_there():
    names = {page.name for page in pages()}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "glossary.md"} <= names
    assert sum(page.suffix == ".ipynb" for page in pages()) >= 18


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.md").write_text("# One `code` & more\n\n```\n# no heading\n```\n", "utf-8")
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "## What you built"}
    write(
        {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, tmp_path / "b.ipynb"
    )
    return tmp_path


def test_headings_become_anchors(folder):
    assert anchors(folder / "a.md") == {"one-code--more"}
    assert anchors(folder / "b.ipynb") == {"What-you-built"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[a](a.md) [b](b.ipynb#What-you-built) [c](#here) [d](https://a.org/x)", None),
        ("`[a](gone.md)`\n\n```\n[a](gone.md)\n```", None),
        ("[a](gone.md)", "there is no gone.md"),
        ("[a](a.md#two)", "a.md has no heading #two"),
        ("[a](b.ipynb#what-you-built)", "b.ipynb has no heading #what-you-built"),
        ("[a](#there)", "page.md has no heading #there"),
        ("[a](../outside.md)", "../outside.md is outside of the repository"),
        ("![](a.md)", "a.md has no description: ''"),
    ],
)
def test_each_broken_link_is_found(folder, text, fault):
    inside = folder / "inside"
    inside.mkdir()
    for path in folder.glob("*.*"):
        path.rename(inside / path.name)
    (folder / "outside.md").write_text("# Outside\n", "utf-8")
    page = inside / "page.md"
    page.write_text(f"# Here\n\n{text}\n", "utf-8")
    assert broken_links(page, root=inside) == ([fault] if fault else [])
