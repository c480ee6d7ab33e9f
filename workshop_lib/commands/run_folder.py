"""The folder of a pretraining run: which run it holds, and writing into it so that nothing is lost."""

import json
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop_lib.config.model import GPTConfig
from workshop_lib.config.training import TrainConfig
from workshop_lib.files import write_json
from workshop_lib.tokenizer.byte_level_bpe import BPETokenizer

# The files of a run's folder, beside those of the finished model.
RUN, CHECKPOINT, LOG = "run.json", "checkpoint.pt", "loss_log.json"


@dataclass(frozen=True)
class Run:
    """What a run is: the same model, settings and text are the same run, on any devices.

    Args:
        model: the model's sizes; its vocab_size is an upper limit.
        train: the run's settings.
        text: the fingerprint of the documents.
    """

    model: GPTConfig
    train: TrainConfig
    text: str

    def differences(self, record: dict) -> list[str]:
        """Say what a folder's record has otherwise, such as "steps is 480 there and 20 here"."""
        ours = json.loads(json.dumps(asdict(self)))
        found = ["its text is another one"] * (record["text"] != self.text)
        for part in ("model", "train"):
            for name, here in ours[part].items():
                there = record[part].get(name)
                if there != here:
                    found.append(f"{name} is {there} there and {here} here")
        return list(dict.fromkeys(found))  # context_length stands in both parts


def holds(out: Path, run: Run) -> bool:
    """Say whether a folder holds this run already.

    Raises:
        ValueError: it holds another run or other files.
    """
    record = out / RUN
    if record.is_file():
        different = run.differences(json.loads(record.read_text("utf-8")))
        if different:
            raise ValueError(
                f"{out} holds another run ({'; '.join(different)}): choose another folder"
            )
        return True
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} holds other files, which stay as they are: choose another folder")
    return False


def make_folder(out: Path, run: Run, tokenizer: BPETokenizer) -> None:
    """Make a run's folder all at once, with its record and its tokenizer."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as temporary:
        folder = Path(temporary) / out.name
        folder.mkdir()
        tokenizer.save(folder)
        write_json(folder / RUN, asdict(run))
        try:
            if out.exists():
                out.rmdir()
            folder.rename(out)
        except OSError:
            if not (out / RUN).is_file():  # else another device of this run was faster
                raise


@contextmanager
def clear_write_errors(out: Path):
    """Turn what a full or forbidden disk raises into one sentence."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split("\n")[0].split())
        raise RuntimeError(
            f"could not write to {out} ({reason}): make room; what is there is whole, "
            "and the same command goes on from it"
        ) from error
