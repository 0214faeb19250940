"""What the timing benchmark computes from what it measured."""

import pytest

from scripts.bench.timing import auc


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([2.0, 3.0], [0.0, 1.0], 1.0),
        ([0.0, 1.0], [2.0, 3.0], 0.0),
        ([1.0, 1.0], [1.0, 1.0], 0.5),
        ([1.0, 3.0], [2.0], 0.5),
        ([2.0, 3.0, 5.0], [1.0, 2.0], 5.5 / 6),
    ],
)
def test_auc_is_the_chance_that_a_hidden_one_takes_longer(first, second, expected):
    assert auc(first, second) == pytest.approx(expected)


def test_auc_agrees_with_counting_all_pairs():
    first = [(7 * n) % 23 / 2 for n in range(40)]
    second = [(5 * n) % 19 / 2 for n in range(30)]
    pairs = [(a > b) + (a == b) / 2 for a in first for b in second]
    assert auc(first, second) == pytest.approx(sum(pairs) / len(pairs))
