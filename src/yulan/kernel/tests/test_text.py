"""Words in two languages."""

from django.utils.translation import override

from yulan.kernel.text import Bilingual, _, both


def test_bilingual_follows_the_reader():
    name = both("日喀则", "Shigatse")
    assert (name.in_("zh-hans"), name.in_("en"), name.in_("en-GB")) == ("日喀则", "Shigatse", "Shigatse")
    with override("en"):
        assert f"{name}" == "Shigatse"
    with override("zh-hans"):
        assert f"{name}" == "日喀则"
    assert {name: 1}[Bilingual("日喀则", "Shigatse")] == 1


def test_a_blank_language_falls_back_to_the_other():
    assert Bilingual("文山", "").in_("en") == "文山"
    assert Bilingual("", "Wenshan").in_("zh-hans") == "Wenshan"


def test_a_message_is_translated_when_shown_not_when_written():
    message = _("Yes")
    with override("zh-hans"):
        assert str(message) == "是"
    with override("en"):
        assert str(message) == "Yes"
