"""The pages of pictures show what there is, and say what is seen."""

from tests.e2e.browser import album


def test_the_pages_are_those_that_the_pictures_make() -> None:
    for page, text in album.pages().items():
        assert page.read_text(encoding="utf-8") == text, f"{page.name}: scripts/pictures makes it anew"
