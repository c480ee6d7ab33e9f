"""Files of tasks as people have them: what is read, and how the others are named."""

import json

import pytest

from workshop_lib.finetune import split
from workshop_lib.finetune.instruction_file import read_data

TASK = {"instruction": "Name a colour.", "output": "red"}


def lines(*records, ascii=True) -> str:
    return "\n".join(json.dumps(record, ensure_ascii=ascii) for record in records)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x1e"])
def test_line_ends_of_unicode_inside_a_text_end_no_record(tmp_path, mark):
    path = tmp_path / "tasks.jsonl"
    record = TASK | {"output": f"red{mark}blue"}
    path.write_text(lines(record, TASK, ascii=False), encoding="utf-8", newline="")
    assert [example.output for example in read_data(path)] == [f"red{mark}blue", "red"]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "tasks.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + lines(TASK, TASK).replace("\n", "\r\n").encode())
    assert len(read_data(path)) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lines(*[{"conversations": [{"from": "human", "value": "a"}]}] * 5000), "ShareGPT"),
        (lines(*[{"messages": [{"role": "user", "content": "a"}]}] * 5000), "chat messages"),
        (json.dumps({"data": [TASK] * 100}, indent=1), "an object with the records inside"),
        (lines(*[{"text": "### Instruction: …"}] * 5000), "laid out already"),
        (json.dumps([TASK | {"text": "Below"}] * 5000), "unknown key 'text'"),
        ("\n".join(["{"] * 5000), "5000 lines are not JSON"),
        (lines(TASK, TASK | {"output": "ok \ud83d"}), "record 2: output holds half a character"),
    ],
)
def test_other_layouts_and_bad_records_are_named_in_a_few_lines(tmp_path, text, message):
    path = tmp_path / "tasks.json"
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        read_data(path)
    assert str(path) in str(error.value) and message in str(error.value)
    assert len(str(error.value).splitlines()) <= 7


def test_utf16_is_named(tmp_path):
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([TASK]), encoding="utf-16")
    with pytest.raises(ValueError, match="tasks.json is UTF-16 text"):
        read_data(path)


def test_repeated_records_are_never_on_both_sides(tmp_path):
    path = tmp_path / "tasks.jsonl"
    tasks = [{"instruction": f"task {i % 20}", "output": f"answer {i % 20}"} for i in range(60)]
    path.write_text(lines(*tasks))
    train, test = split(read_data(path), test_fraction=0.1, seed=0)
    assert test and not {e.instruction for e in train} & {e.instruction for e in test}
