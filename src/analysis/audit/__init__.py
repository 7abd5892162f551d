"""Accuracy of the links measured on the real intake: a blind random sample, looked up by the registry office.

`strata.py` sorts the rows by how their verdict was reached and shares the look-ups out, `drawing.py` draws them,
`lists.py` writes a closed list a province, `answers.py` takes the answers back and asks the second person,
`outcomes.py` compares them with the links, `estimates.py` is the arithmetic, `report.py` says what came out.
"""
