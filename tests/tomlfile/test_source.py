import pytest

from connector.errors import FileFaults
from connector.tomlfile import gather, nearest, parse, read, replace


def test_a_missing_file_is_a_fault_naming_it(tmp_path):
    """What is not there is said with its name, not as a traceback."""
    with pytest.raises(FileFaults, match=r"gone\.toml: there is no such file"):
        read(tmp_path / "gone.toml")


def test_a_folder_is_no_file(tmp_path):
    """Whatever else cannot be read is said in the system's own words."""
    with pytest.raises(FileFaults, match="cannot be read: Is a directory"):
        read(tmp_path)


def test_an_unclosed_text_ends_on_the_last_line_with_words():
    """A syntax error at the end of a file has a line too."""
    with pytest.raises(FileFaults) as caught:
        parse("x.toml", 'a = 1\nb = """\n\n')
    assert caught.value.faults[0].line == 2


def test_an_endless_number_is_a_fault():
    """A number Python refuses to read is a fault of the file."""
    with pytest.raises(FileFaults, match="is not TOML"):
        parse("x.toml", "a = " + "1" * 5000)


def test_deep_nesting_is_a_fault():
    """A file that nests without end is refused instead of ending the program."""
    with pytest.raises(FileFaults, match="nested too deeply"):
        parse("x.toml", "a = " + "[" * 100_000)


def test_a_fault_of_a_missing_key_has_the_line_of_its_table():
    """Where a key should be, its table's line helps to find the place."""
    source = parse("x.toml", 'a = 1\n[[stage]]\nkey = "lost"\n')
    assert str(source.fault(("stage", 0, "label"), "is missing")) == (
        "x.toml:2: stage[1].label: is missing (stage lost)"
    )


def test_replace_makes_folders_and_leaves_no_other_file(tmp_path):
    """After writing there is the file and nothing beside it."""
    path = tmp_path / "new" / "x.toml"
    replace(path, "a = 'ø'\r\n")
    assert path.read_bytes() == "a = 'ø'\r\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_replace_keeps_mode_and_link(tmp_path):
    """A shared file stays shared, and a link stays a link."""
    path, link = tmp_path / "x.toml", tmp_path / "link.toml"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    replace(link, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert link.is_symlink()


def test_what_cannot_be_written_is_a_fault(tmp_path):
    """A folder that is none is said with the file's name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileFaults, match=r"x\.toml: cannot be written"):
        replace(tmp_path / "file" / "x.toml", "")


def test_gather_raises_the_faults_of_all_items():
    """Nobody mends one file only to learn of the next one's faults."""
    with pytest.raises(FileFaults) as caught:
        gather(lambda text: parse(text, text), ["a", "b = 1", "c"])
    assert [fault.file for fault in caught.value.faults] == ["a", "c"]


def test_nearest_offers_what_was_meant_or_all_there_is():
    """A typing error gets its word; a stranger gets the list; an empty list gets nothing."""
    assert nearest("probabilty", ["label", "probability"]) == '; did you mean "probability"?'
    assert nearest("zzz", ["b", "a"]) == "; known here: a, b"
    assert nearest("zzz", []) == ""
