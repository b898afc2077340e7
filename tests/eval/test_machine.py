import sys

import pytest

from eval.runner.machine import forget_peak, peak_megabytes


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forgets its peak")
def test_the_peak_is_that_since_it_was_forgotten():
    big = bytearray(200 * 2**20)
    big[:: 2**12] = b"x" * len(big[:: 2**12])
    with_big = peak_megabytes()
    del big
    assert peak_megabytes() >= with_big
    forget_peak()
    assert peak_megabytes() < with_big - 150
