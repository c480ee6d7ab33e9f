"""Windows, loaders and the split: each token a target once, and randomness of its own."""

from collections import Counter

import pytest
import torch
import torch.nn.functional as F

from workshop_lib import assets
from workshop_lib.config import TrainConfig
from workshop_lib.data import (
    IGNORE_INDEX,
    SCENE_BREAK,
    TokenDataset,
    make_loader,
    train_val_split,
    windows,
)

# Every text of up to 40 tokens, every context that fits, every stride that skips nothing.
SIZES = [
    (n_tokens, context, stride)
    for n_tokens in range(2, 41)
    for context in range(1, n_tokens)
    for stride in range(1, context + 1)
]
CONFIG = TrainConfig(steps=1, batch_size=3, context_length=4)


def windows_by_slices(ids, context, stride):
    """The same windows from Python's slices, written without looking at the package's code."""
    rows, start = [], 0
    while True:
        inputs, targets = ids[start : start + context], ids[start + 1 : start + context + 1]
        rows.append((inputs, targets))
        if start + context >= len(ids) - 1:
            return rows
        start += stride


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def loader(n_tokens=50, seed=0, **options):
    return make_loader(range(n_tokens), CONFIG, generator=generator(seed), **options)


def inputs_of(loader):
    return [inputs.tolist() for inputs, _ in loader]


# --- windows -----------------------------------------------------------------------------


def test_at_stride_context_each_token_but_the_first_is_a_target_once():
    for n_tokens, context in {(n, context) for n, context, _ in SIZES}:
        _, targets = windows(range(n_tokens), context, context)
        counts = Counter(targets[targets != IGNORE_INDEX].tolist())
        assert counts == {token: 1 for token in range(1, n_tokens)}, (n_tokens, context)


def test_at_any_stride_each_token_but_the_first_is_a_target():
    for n_tokens, context, stride in SIZES:
        _, targets = windows(range(n_tokens), context, stride)
        seen = set(targets[targets != IGNORE_INDEX].tolist())
        assert seen == set(range(1, n_tokens)), (n_tokens, context, stride)


def test_windows_are_what_slices_give():
    for n_tokens, context, stride in SIZES:
        ids = list(range(100, 100 + n_tokens))
        expected = windows_by_slices(ids, context, stride)
        inputs, targets = windows(ids, context, stride)
        assert inputs.shape == targets.shape == (len(expected), context)
        assert inputs.dtype == targets.dtype == torch.long
        for row, (some_inputs, some_targets) in enumerate(expected):
            n_targets = len(some_targets)
            assert targets[row].tolist() == some_targets + [IGNORE_INDEX] * (context - n_targets)
            assert inputs[row, :n_targets].tolist() == some_inputs[:n_targets]


def test_what_stands_in_the_padding_does_not_change_the_loss():
    inputs, targets = windows([1, 2, 3, 4, 5, 6], 4, 4)
    table = torch.randn(7, 7, generator=generator())
    logits = table[inputs]
    whole = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    real = F.cross_entropy(table[torch.arange(1, 6)], torch.arange(2, 7))
    torch.testing.assert_close(whole, real)


def test_windows_are_views_not_copies():
    ids = torch.arange(10_000)
    inputs, targets = windows(ids, 256, 1)
    for tensor in (inputs, targets):
        assert tensor.untyped_storage().nbytes() <= 2 * ids.untyped_storage().nbytes()
        assert tensor[1].data_ptr() - tensor[0].data_ptr() == ids.element_size()
    assert inputs.numel() * 8 > 200 * inputs.untyped_storage().nbytes(), "copies would fit too"


def test_windows_do_not_change_or_share_the_callers_tensor():
    ids = torch.arange(10)
    inputs, _ = windows(ids, 4, 4)
    inputs[0, 0] = 99
    assert ids.tolist() == list(range(10))


@pytest.mark.parametrize("kind", [list, tuple, torch.tensor, lambda ids: torch.tensor(ids).int()])
def test_windows_take_lists_and_tensors(kind):
    inputs, targets = windows(kind([5, 6, 7, 8, 9]), 2, 2)
    assert inputs.tolist() == [[5, 6], [7, 8]] and targets.tolist() == [[6, 7], [8, 9]]
    assert inputs.dtype == torch.long


@pytest.mark.parametrize("n_tokens", [0, 1, 4])
def test_a_text_shorter_than_one_window_is_an_error_with_advice(n_tokens):
    message = rf"{n_tokens} tokens are too few .* context_length 4 needs 5; take a longer text"
    with pytest.raises(ValueError, match=message):
        windows(range(n_tokens), 4, 4)
    with pytest.raises(ValueError, match=message):
        make_loader(range(n_tokens), CONFIG, generator=generator())
    assert len(windows(range(5), 4, 4)[0]) == 1


def test_a_stride_that_skips_tokens_is_an_error():
    with pytest.raises(ValueError, match="stride 5 is above context_length 4"):
        windows(range(20), 4, 5)


@pytest.mark.parametrize(
    ("context", "stride", "error", "message"),
    [
        (0, 1, ValueError, "context_length must be 1 or more, got 0"),
        (4, 0, ValueError, "stride must be 1 or more, got 0"),
        (4, -4, ValueError, "stride must be 1 or more, got -4"),
        (4.0, 4, TypeError, r"context_length must be a whole number, got 4\.0"),
        (4, True, TypeError, "stride must be a whole number, got True"),
    ],
)
def test_sizes_of_windows_are_checked(context, stride, error, message):
    with pytest.raises(error, match=message):
        windows(range(20), context, stride)


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ("To be, or not to be", TypeError, "must be whole numbers, got a str: encode the text"),
        ([0.5, 1.5, 2.5, 3.5, 4.5], TypeError, r"must be whole numbers, got torch\.float32"),
        (torch.rand(20), TypeError, r"must be whole numbers, got torch\.float32"),
        ([[1, 2, 3, 4, 5, 6]], ValueError, r"one row of ids, got the shape \(1, 6\)"),
        (torch.zeros(3, 9, dtype=torch.long), ValueError, r"got the shape \(3, 9\)"),
    ],
)
def test_token_ids_are_checked(ids, error, message):
    with pytest.raises(error, match=message):
        windows(ids, 4, 4)


# --- TokenDataset and make_loader --------------------------------------------------------


def test_a_dataset_gives_windows():
    dataset = TokenDataset(range(11), 4)
    inputs, targets = windows(range(11), 4, 4)
    assert len(dataset) == len(inputs) == 3
    for i in range(3):
        assert torch.equal(dataset[i][0], inputs[i]) and torch.equal(dataset[i][1], targets[i])
    assert len(TokenDataset(range(11), 4, stride=1)) == 7
    with pytest.raises(IndexError):
        dataset[3]


def test_a_training_loader_gives_each_window_once_in_full_batches():
    batches = list(loader(50))  # 13 windows: 4 batches of 3, and one window is left over
    assert [tuple(inputs.shape) for inputs, _ in batches] == [(3, 4)] * 4
    starts = [row[0] for inputs, _ in batches for row in inputs.tolist()]
    assert len(set(starts)) == 12 and set(starts) < set(range(0, 50, 4))
    assert starts != sorted(starts)
    for inputs, targets in batches:
        counts = targets != IGNORE_INDEX
        assert torch.equal(targets[counts], inputs[counts] + 1)


def test_an_evaluation_loader_gives_every_target_in_order():
    batches = list(loader(50, shuffle=False))
    assert [len(inputs) for inputs, _ in batches] == [3, 3, 3, 3, 1]
    targets = torch.cat([targets.flatten() for _, targets in batches])
    assert targets[targets != IGNORE_INDEX].tolist() == list(range(1, 50))


def test_an_evaluation_loader_may_be_smaller_than_one_batch():
    assert inputs_of(loader(5, shuffle=False)) == [[[0, 1, 2, 3]]]
    with pytest.raises(ValueError, match="1 windows are too few for one batch of 3"):
        loader(5)


def test_a_loader_can_overlap_its_windows():
    assert len(loader(50, shuffle=False, stride=1).dataset) == 46


@pytest.mark.parametrize("shuffle", [True, False])
def test_iterating_a_loader_leaves_the_global_random_numbers_alone(shuffle):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    list(loader(shuffle=shuffle))
    assert torch.equal(torch.rand(3), expected)


def test_global_random_numbers_leave_the_order_of_batches_alone():
    torch.manual_seed(7)
    expected = inputs_of(loader())
    torch.manual_seed(8)
    batches = iter(loader())
    order = [next(batches)[0].tolist()]
    for inputs, _ in batches:
        torch.rand(5)
        order.append(inputs.tolist())
    assert order == expected


def test_the_same_seed_gives_the_same_order_and_another_one_another():
    assert inputs_of(loader(seed=1)) == inputs_of(loader(seed=1))
    assert inputs_of(loader(seed=1)) != inputs_of(loader(seed=2))


def test_each_epoch_has_an_order_of_its_own_that_can_be_replayed():
    batches = loader()
    start = batches.generator.get_state()
    first, second = inputs_of(batches), inputs_of(batches)
    assert first != second
    batches.generator.set_state(start)
    assert inputs_of(batches) == first


@pytest.mark.parametrize("wrong", [None, 1337])
def test_a_loader_needs_a_generator(wrong):
    message = f"generator must be a torch.Generator, got {type(wrong).__name__}"
    with pytest.raises(TypeError, match=message):
        make_loader(range(50), CONFIG, generator=wrong)


# --- train_val_split ---------------------------------------------------------------------


def scenes_in(text):
    return text.split(SCENE_BREAK)


@pytest.mark.parametrize("n_scenes", [2, 3, 10, 37, 200])
@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.5, 0.99])
def test_split_keeps_scenes_whole_and_loses_none(n_scenes, fraction):
    scenes = [f"SCENE {i}.\n\nA:\nwords {i}" for i in range(n_scenes)]
    train, val = map(scenes_in, train_val_split(SCENE_BREAK.join(scenes), val_fraction=fraction))
    assert sorted(train + val) == sorted(scenes)
    assert not set(train) & set(val)
    assert [s for s in scenes if s in set(train)] == train, "the old order is kept"
    assert [s for s in scenes if s in set(val)] == val
    assert len(val) == min(max(1, round(fraction * n_scenes)), n_scenes - 1)


def test_split_is_seeded_and_leaves_the_global_random_numbers_alone():
    text = SCENE_BREAK.join(map(str, range(100)))
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first = train_val_split(text, seed=1)
    assert torch.equal(torch.rand(1), expected)
    assert train_val_split(text, seed=1) == first
    assert train_val_split(text, seed=2) != first
    val = [int(scene) for scene in scenes_in(first[1])]
    assert val != list(range(90, 100)) and val != list(range(10)), "not the end, not the start"


def test_split_of_the_plays_keeps_scenes_apart():
    text = assets.plays()
    train, val = map(scenes_in, train_val_split(text))
    assert (len(train), len(val)) == (710, 79)
    assert not set(train) & set(val)
    assert sum(map(len, train + val)) + 788 * len(SCENE_BREAK) == len(text)


def test_split_by_another_separator():
    assert sorted(train_val_split("a|b", separator="|", val_fraction=0.5)) == ["a", "b"]


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5])
def test_split_checks_its_fraction(fraction):
    with pytest.raises(
        ValueError, match=f"val_fraction {fraction} is outside 0 < val_fraction < 1"
    ):
        train_val_split("a\n\n\nb", val_fraction=fraction)


def test_split_needs_two_scenes():
    with pytest.raises(ValueError, match="the text has 1 scene, and a split needs 2 or more"):
        train_val_split("one scene only")
