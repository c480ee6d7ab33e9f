"""Turn the plays' Markdown into the plain text that the course trains on.

The text has three kinds of lines, and nothing else::

    ACT I, SCENE I of Hamlet. Elsinore. A platform before the castle.    (opens a scene)

    BERNARDO:                                                            (opens a speech)
    Who's there?                                                         (is spoken)

One blank line parts two speeches, two blank lines part two scenes. Stage directions are left out:
they would be a fourth kind, and a small model has enough to learn from three.
"""

import re

# Slips in the source that would end up as speakers, as headings or as broken words.
SLIPS = {
    "**Scene III**  \n": "### SCENE III. ",
    "# INTERMISSION": "",
    "Part I\n": "Part 1\n",
    "\nLOVE'S LABOURS LOST\n": "\n",
    "\nCYMBELINE\n": "\n",
    "\nOF EPHESUS\n": "\n",
    "_Burthen _\\[dispersedly, within_": "",
    "Master-Gunner Sirrah": "**Master-Gunner**\nSirrah",
    "_Boy sings_": "**Boy**",
    "_Enter TIMON, from the cave_": "**TIMON**",
    "SPOKEN BY PROSPERO": "**PROSPERO**",
    "**This way will I**  \ndisrobe": "This way will I disrobe",
    "**Here stand I**  \nlady": "Here stand I, lady",
    "**As long as you or I**  \nyet": "As long as you or I: yet",
    "**SHALLOW & PAGE & & C**": "**SHALLOW & PAGE**",
    "**ROSENCRANTZ: & GUILDENSTERN:**": "**ROSENCRANTZ & GUILDENSTERN**",
    "sha$l": "shall",
    "& c": "&c",
    "—": "--",
}
HALF_A_NAME = re.compile(
    r"^(BISHOP|CARDINAL|COUNTESS|DON ADRIANO DE|Ghosts?|LADY|RICHARD|Varro's)\s*\n\*\*",
    re.MULTILINE,
)
_UNMARKED_HEADING = re.compile(r"^(SCENE [IVX]+):|^(EPILOGUE)\s*$", re.MULTILINE)
# Stage directions: _\[Aside]_ in a speech, _Enter HAMLET_ or *Exit HAMLET* on lines of their own.
DIRECTION = re.compile(r"[_*]*\\?\[[^]\n]*\n?[^]\n]*\][_*]+|^_[^_]+_|^\*[^*]+\*", re.MULTILINE)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)
_SPEAKER = re.compile(r"\*\*(.+)\*\*")


def scenes_of(markdown: str) -> list[str]:
    """Split one play into its scenes, as plain text.

    Args:
        markdown: The play: ``# Title``, ``## ACT``, ``### SCENE``, ``**SPEAKER**``, spoken lines.

    Returns:
        One text a scene: the heading, then the speeches, with blank lines between them.
    """
    if not markdown.startswith("# "):  # true of one play
        markdown = f"# Measure for Measure\n\n{markdown}"
    for slip, correction in SLIPS.items():
        markdown = markdown.replace(slip, correction)
    markdown = HALF_A_NAME.sub(r"**\1 ", markdown)
    markdown = _UNMARKED_HEADING.sub(r"### \1\2.", markdown)
    markdown = DIRECTION.sub("", markdown).replace("\\", "")

    title_block, *blocks = _HEADING.split(markdown)[1:]
    title, act, scenes = title_block.strip(), "", []
    for block in blocks:
        heading, *lines = [line.rstrip() for line in block.splitlines() if line.strip()]
        if not lines:  # an act, which only its scenes fill
            act = f"{heading}, "
            continue
        name, _, place = heading.partition(".")
        place, speeches = _speeches_of(name.upper(), place, lines)
        act = "" if name == "EPILOGUE" else act
        scenes.append(
            "\n\n".join([f"{act}{name.upper()} of {title}.{place}".rstrip(".: ") + ".", *speeches])
        )
    return scenes


def _speeches_of(name: str, place: str, lines: list[str]) -> tuple[str, list[str]]:
    """Gather the lines of a scene into speeches, and the rest of its heading into the place."""
    speeches: list[str] = []
    for line in lines:
        if speaker := _SPEAKER.fullmatch(line):
            speeches.append(f"{speaker[1].upper()}:")
        elif speeches:
            speeches[-1] += f"\n{line}"
        elif name.startswith("SCENE"):  # the heading ran over more than one line
            place += f" {line}"
        else:  # a prologue or an epilogue that nobody in particular speaks
            speeches.append(f"{name}:\n{line}")
    # A name alone is left where a speech was nothing but a stage direction.
    return place, [speech for speech in speeches if "\n" in speech]
