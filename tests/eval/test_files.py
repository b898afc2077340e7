import errno
from pathlib import Path

import pytest

from eval.errors import StoreError
from eval.files import write_whole


def test_a_file_is_replaced_as_a_whole(tmp_path):
    write_whole(tmp_path / "file", "old")
    write_whole(tmp_path / "file", "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "new")]


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "the disk is full.*make room"), (errno.EACCES, "cannot be written")]
)
def test_what_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch, number, said):
    write_whole(tmp_path / "file", "old")

    def half(path, text, **options):
        with path.open("w") as stream:
            stream.write(text[:1])
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(StoreError, match=said) as caught:
        write_whole(tmp_path / "file", "new")
    assert str(tmp_path / "file") in str(caught.value)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "old")]
