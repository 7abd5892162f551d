"""Records of delimited text: a line end inside quotes belongs to its cell, whichever delimiter is tried."""

from analysis.intake.formats.regularise import read_records

LINES = ['"1";"a";"x\r\n', 'y";"b"\r\n', '"2";"c";"z";"d"\r\n']


def test_a_quoted_line_end_stays_in_its_cell() -> None:
    assert [record.split(";") for record in read_records(LINES, ";")] == [
        ["1", "a", "x\r\ny", "b"],
        ["2", "c", "z", "d"],
    ]


def test_a_delimiter_that_is_only_tried_does_not_stop_the_reading() -> None:
    assert len(list(read_records(LINES, ","))) == 2
