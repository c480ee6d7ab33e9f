"""The plays as plain text: headings, speakers, spoken lines, and nothing else."""

import hashlib
import re

import pytest

from workshop_lib import assets
from workshop_lib.assets import shakespeare, sources, wheels

HEADING = re.compile(
    r"(?:(?:ACT [IVX]+|PROLOGUE), SCENE [IVX]+|(?:ACT [IVX]+, )?PROLOGUE|EPILOGUE) of [A-Z].*\."
)
SPEAKER = re.compile(r"[A-Z][A-Z' &-]*:")

PLAY = r"""# The Play

## ACT I

### SCENE I. A street; a lamp,

burning low.

_Enter ANNA and
a Boy, with a dog_

**ANNA**  
_\[Aside]_  
Who's there?  
I hear--'no'\--a step.

_She turns_

Speak!

**Boy**  
_\[Within]_  

**BOTH & ANNA**  
We __\[ ]_  
come.

#### SCENE II: Elsewhere

BISHOP

**OF ELY**  
Amen, & c.

EPILOGUE

The play is done.
"""
TEXT = """ACT I, SCENE I of The Play. A street; a lamp, burning low.

ANNA:
Who's there?
I hear--'no'--a step.
Speak!

BOTH & ANNA:
We
come.


ACT I, SCENE II of The Play. Elsewhere.

BISHOP OF ELY:
Amen, &c.


EPILOGUE of The Play.

EPILOGUE:
The play is done."""


def test_markdown_becomes_plain_text():
    play = PLAY.replace("#### SCENE II: Elsewhere", "SCENE II: Elsewhere")
    assert "\n\n\n".join(shakespeare.scenes_of(PLAY.replace("II:", "II."))) == TEXT
    assert shakespeare.scenes_of(play)[0] == TEXT.split("\n\n\n")[0]


@pytest.fixture(scope="module")
def text():
    return assets.plays()


def test_the_text_is_the_one_all_numbers_come_from(text):
    assert len(text) == 4_836_310
    assert text.count("\n") == 175_362
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert sha256 == "023305d3642cd10bf73817e877ba062f19ec85f8f3f2d9ed7e357c49a83886f6"


def test_it_is_plain_ascii_without_markup(text):
    assert text.isascii()
    assert not set("_*#\\[]<>|`~$\t\r") & set(text)
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert not re.search(r" \n|\n\n\n\n", text)


def test_scenes_are_parted_by_two_blank_lines(text):
    scenes = assets.scenes()
    assert len(scenes) == 789
    assert text.removesuffix("\n").split("\n\n\n") == scenes


def test_each_scene_is_a_heading_and_speeches():
    for scene in assets.scenes():
        heading, *speeches = scene.split("\n\n")
        assert HEADING.fullmatch(heading), heading
        assert speeches, heading
        for speech in speeches:
            name, *lines = speech.split("\n")
            assert SPEAKER.fullmatch(name), (heading, name)
            assert lines and all(line.strip() for line in lines), (heading, name)


def test_all_38_plays_are_there(text):
    headings = [scene.partition("\n")[0] for scene in assets.scenes()]
    titles = {re.search(r" of ([^.]+)\.", heading)[1] for heading in headings}
    assert len(titles) == len(wheels.files(sources.folder() / "plays")) == 38
    assert {"Hamlet", "Measure for Measure", "Henry IV, Part 1", "Henry IV, Part 2"} <= titles
    assert len(set(headings)) == len(headings) - headings.count(headings[0]) + 1


def test_only_stage_directions_are_left_out():
    """What is cut holds no speaker, no heading and no blank line, so no speech was swallowed."""
    cut = 0
    for path in wheels.files(sources.folder() / "plays"):
        markdown = path.read_text(encoding="utf-8")
        for slip, correction in shakespeare.SLIPS.items():
            markdown = markdown.replace(slip, correction)
        markdown = shakespeare.HALF_A_NAME.sub(r"**\1 ", markdown)
        for found in shakespeare.DIRECTION.finditer(markdown):
            direction = found[0].strip()
            assert not re.search(r"\*\*|#|\n\s*\n", direction), (path.name, direction)
            cut += len(direction)
    assert 150_000 < cut < 200_000


def test_known_passages_are_whole(text):
    assert (
        "BERNARDO:\nWho's there?\n\nFRANCISCO:\nNay, answer me: stand, and unfold yourself." in text
    )
    assert (
        "HAMLET:\nTo be, or not to be: that is the question:\nWhether 'tis nobler in the mind"
        in text
    )
    assert "\n\nBISHOP OF WINCHESTER:\n" in text and "\nBISHOP\n" not in text
