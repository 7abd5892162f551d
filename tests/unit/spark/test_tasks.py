"""Work spread by files: what is handed out first."""

from pathlib import Path

from analysis.spark.tasks import largest_first


def test_the_largest_file_is_begun_first(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b", "gone", "c", "d")]
    for file, size in zip((files[0], files[1], files[3], files[4]), (2, 9, 40, 9), strict=True):
        file.write_bytes(bytes(size))
    assert largest_first(files) == (3, 1, 4, 0, 2)
