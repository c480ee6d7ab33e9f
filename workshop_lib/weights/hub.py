"""Names of models: the workshop's own, and those on the Hugging Face hub, which are downloaded."""

import errno
from collections.abc import Iterator
from pathlib import Path

from workshop_lib import paths
from workshop_lib.assets import sources

# Checkpoints of chapter 4 that lie in this repository, so that later chapters can start from them.
_SHIPPED = ("plays-gpt2", "plays-llama")

# Short names of OpenAI's checkpoints.
_HUB_NAMES = {
    "gpt2": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
}

# What `--source hub` downloads: the models as their makers published them, nothing rounded.
_ORIGINALS = ("HuggingFaceTB/SmolLM2-135M-Instruct", _HUB_NAMES["gpt2"])

# Configs, tokenizers and weights; no pickles, and no second copy of the weights under another name.
_WANTED_FILES = ["*.json", "*.jinja", "model*.safetensors"]


def find_directory(name_or_dir: str | Path) -> Path:
    """Turn a name into a directory, downloading it where it is a name on the hub.

    Args:
        name_or_dir: see `weights.from_pretrained`.

    Returns:
        A Hugging Face directory.

    Raises:
        FileNotFoundError: it is neither a directory nor a possible name.
        RuntimeError: the hub could not give the files; the message says why.
    """
    if str(name_or_dir) == "smollm2":
        return sources.smollm2()
    if str(name_or_dir) in _SHIPPED:
        return paths.ROOT / "04_pretraining" / str(name_or_dir)
    directory = Path(name_or_dir).expanduser()
    if directory.is_dir():
        return directory
    name = _HUB_NAMES.get(str(name_or_dir), str(name_or_dir))
    # A first part that is a folder here, as in runs/pretraned, means a mistyped path.
    local = isinstance(name_or_dir, Path) or directory.parent.is_dir() or name.startswith("~")
    if name.count("/") != 1 or (local and str(name_or_dir) not in _HUB_NAMES):
        raise FileNotFoundError(
            f"there is no directory {name_or_dir}, and it is no name on the hub"
        )
    return download(name)


def download(name: str) -> Path:
    """Download a model from the hub, or find it where it has been downloaded before.

    What breaks off goes on where it stopped when it is called again.

    Args:
        name: "owner/model".

    Returns:
        The directory in huggingface_hub's cache.

    Raises:
        RuntimeError: it could not be had; the message says why and what to do.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED_FILES))
    except Exception as error:
        raise RuntimeError(_why_not(error, name)) from error


def fetch_originals() -> None:
    """Download the originals into huggingface_hub's cache, from where they load by their names.

    Raises:
        RuntimeError: one could not be had; the message says why and what to do.
    """
    for name in _ORIGINALS:
        download(name)
        print(f"{name} is in the cache: from_pretrained({name!r}) loads it.")


def _why_not(error: Exception, name: str) -> str:
    """Say in one sentence why a download failed, and what to do."""
    from huggingface_hub import constants, errors, get_token

    causes = list(_chain_of(error))

    def is_one(*kinds: type) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    status = next(filter(None, map(_status_of, causes)), None)
    has_token = get_token() is not None
    if is_one(errors.OfflineModeIsEnabled):
        return f"{name} is not in the cache, and HF_HUB_OFFLINE=1 forbids downloads: unset it"
    if is_one(errors.GatedRepoError):
        page = f"{constants.ENDPOINT}/{name}"
        if has_token:
            return f"{name} is gated: accept its licence on {page} with the account of your token"
        return (
            f"{name} is gated: accept its licence on {page}, make a token on "
            f"{constants.ENDPOINT}/settings/tokens and put it into the variable HF_TOKEN"
        )
    if is_one(errors.RepositoryNotFoundError):
        private = "" if has_token else "; a private one needs a token in the variable HF_TOKEN"
        return f"the hub knows no model {name}: look for spelling mistakes{private}"
    if is_one(errors.HFValidationError):
        return f"{name} cannot be a name on the hub: {error}"
    if status == 401:
        return (
            f"{name}: the hub does not accept your token; make a new one and put it into HF_TOKEN"
        )
    if status is not None:
        return f"{name}: the hub answered with error {status}; try again in some minutes"
    if any(getattr(cause, "errno", None) == errno.ENOSPC for cause in causes):
        return (
            f"the disk is full, so {name} could not be stored in {constants.HF_HUB_CACHE}: make "
            "room, or set HF_HOME to a folder on another disk"
        )
    if is_one(PermissionError):
        return f"{name} could not be stored: {constants.HF_HUB_CACHE} may not be written to"
    if is_one(errors.LocalEntryNotFoundError, ConnectionError, OSError):
        return (
            f"{name} could not be downloaded, since {constants.ENDPOINT} was not reached to the "
            "end: check the internet connection (behind a proxy, set HTTPS_PROXY) and try again"
        )
    return f"{name} could not be downloaded: {error}"


def _chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status_of(error: BaseException) -> int | None:
    """Return the status of a server's answer, where an error carries one."""
    return getattr(getattr(error, "response", None), "status_code", None)
