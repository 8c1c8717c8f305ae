"""The suite that holds an adapter to the sentences of `syncer.adapter`. Subclass `AdapterContract`, give it a `Bench`.

    class TestPaper(AdapterContract):
        @pytest.fixture
        def bench(self, tmp_path):
            return PaperBench(tmp_path)

What a collection does not allow is skipped by its own `Can`, what a bench cannot show by its `Offers`: never by a
system's name, and always said. `docs/adapters.md` has a whole adapter that passes.
"""

import pytest

PARTS = ("hand", "access", "reading", "removing", "system", "writing")

pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in PARTS))

from syncer.testing.contract.access import AccessContract  # noqa: E402 - asserts are rewritten from here on
from syncer.testing.contract.bench import Bench, Offers  # noqa: E402 - as above
from syncer.testing.contract.reading import ReadingContract  # noqa: E402 - as above
from syncer.testing.contract.removing import RemovingContract  # noqa: E402 - as above
from syncer.testing.contract.system import SystemContract  # noqa: E402 - as above
from syncer.testing.contract.writing import WritingContract  # noqa: E402 - as above

__all__ = ["AdapterContract", "Bench", "CollectionContract", "Offers"]


class CollectionContract(ReadingContract, WritingContract, RemovingContract, AccessContract):
    """Every sentence about an adapter. A subclass gives the fixture `bench`, which may have an adapter alone."""


class AdapterContract(CollectionContract, SystemContract):
    """Every sentence of the contract. A subclass gives the fixture `bench`."""
