"""What these tests share: a home for what this process itself does, the plugin's installation for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mpv_simkl import places

pytest.register_assert_rewrite("tests.faults.evening")


@pytest.fixture(scope="package", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.HOME, str(tmp_path_factory.mktemp("home")))
        yield
