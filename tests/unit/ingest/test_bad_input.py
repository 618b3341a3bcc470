from tests.unit.ingest import bad_input


def test_the_page_is_what_the_trials_give() -> None:
    assert bad_input.PAGE.read_text("utf-8") == bad_input.page(), "run `python -m tests.unit.ingest.bad_input`"


def test_no_message_repeats_a_value_that_could_be_personal() -> None:
    told = "\n".join(cell for row in bad_input.record_rows() for cell in row[1:])
    assert "Nguyễn" not in told
    assert "096012345678" not in told
