"""The library of this checkout. Built where there is a compiler; where there is none these tests skip."""

import pytest

from audit_tui.fast import Kernel
from audit_tui.fast.build import FOLDER, LIBRARY, compile_library, find_compiler
from audit_tui.fast.loading import load_library
from tests.verify.conftest import adopted, guide, kolkata, lend, ours

__all__ = ["adopted", "guide", "kolkata", "lend", "ours"]


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    """The kernel as this machine runs it; with a compiler at hand there has to be one."""
    if find_compiler() is None:
        pytest.skip("no C compiler")
    found = load_library(FOLDER / LIBRARY)
    if found is None:  # the sources changed since it was built: try what they say now
        made = tmp_path_factory.mktemp("library") / LIBRARY
        assert compile_library(made) is None
        found = load_library(made)
    assert found is not None
    return found


@pytest.fixture(params=["accelerated", "portable"], scope="session")
def either(request: pytest.FixtureRequest, kernel: Kernel) -> Kernel:
    """Both ways of hashing, where the processor has both."""
    if request.param == "portable":
        return kernel.portable()
    if not kernel.accelerated:
        pytest.skip("this processor has no SHA instructions")
    return kernel
