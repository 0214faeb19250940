"""What a writer may type, and what the reader gets."""

import pytest

from knowledge.markup import TocEntry, render, title_of


def html_of(source):
    """The HTML without the white space between blocks."""
    return "".join(line.strip() for line in render(source).html.splitlines())


class TestHeadings:
    def test_stand_below_the_title_of_the_page(self):
        assert html_of("# A\n\n## B") == '<h2 id="h-a">A</h2><h3 id="h-b">B</h3>'

    def test_stay_where_they_are_when_the_writer_left_room(self):
        assert html_of("## A\n\n### B") == '<h2 id="h-a">A</h2><h3 id="h-b">B</h3>'

    def test_never_go_below_six(self):
        assert "<h6" in html_of("# A\n\n###### B")

    def test_are_listed_with_their_anchors(self):
        rendered = render("# Über uns & co.\n\n# B `c`\n\n# Über uns & Co")
        assert rendered.toc == (
            TocEntry(2, "h-über-uns-co", "Über uns & co."),
            TocEntry(2, "h-b-c", "B c"),
            TocEntry(2, "h-über-uns-co-2", "Über uns & Co"),
        )
        assert rendered.headings == ("Über uns & co.", "B c", "Über uns & Co")

    def test_written_as_html_count_too(self):
        assert render("<h1 id=x>Raw</h1>").toc == (TocEntry(2, "h-raw", "Raw"),)

    def test_do_not_hold_the_number_of_a_footnote(self):
        assert render("# A[^1]\n\n[^1]: Note").headings == ("A",)

    def test_give_the_title_of_a_text(self):
        assert (
            title_of("Text\n\n```\n# no\n```\n\nYes *this*\n----\n\n# B") == "Yes this"
        )
        assert title_of("Text") is None


class TestLinksByTitle:
    def test_wait_for_a_reader(self):
        rendered = render("[[Fire test]]")
        assert rendered.html == (
            '<p><a class="wikilink" data-wikilink="Fire test">Fire test</a></p>'
        )
        assert rendered.wikilinks == {"Fire test"}

    def test_may_have_a_label_of_their_own(self):
        assert 'data-wikilink="A">see <em>it</em></a>' in html_of("[[A|see *it*]]")

    def test_may_name_a_heading(self):
        html = html_of("[[A#My heading]]")
        assert 'data-wikilink="A" data-heading="h-my-heading"' in html
        assert render("[[A#My heading]]").wikilinks == {"A"}

    def test_may_name_a_heading_of_this_page(self):
        assert html_of("[[#B c]]") == '<p><a href="#h-b-c">B c</a></p>'

    def test_work_in_a_table_with_an_escaped_bar(self):
        html = html_of("|A|\n|-|\n|[[B\\|c]]|")
        assert '<a class="wikilink" data-wikilink="B">c</a>' in html

    @pytest.mark.parametrize(
        "source",
        ["`[[A]]`", "```\n[[A]]\n```", "    [[A]]", r"\[[A]]", "[[]]", "[[ ]]"],
    )
    def test_are_text_in_code_and_when_escaped_or_empty(self, source):
        assert render(source).wikilinks == frozenset()
        assert "wikilink" not in render(source).html


class TestLinks:
    def test_to_pages_are_reported_by_id(self):
        source = "[a](/fire-test-k7m2qxab/) [b](/go/abcd2345) [c](/plan-zzzz9999#h-x)"
        assert render(source).internal_links == {"k7m2qxab", "abcd2345", "zzzz9999"}

    def test_to_files_are_reported_by_id(self):
        source = "[a](/files/Ab_1-2/x.pdf) ![b](/files/Cd34/y.png)"
        assert render(source).files == {"Ab_1-2", "Cd34"}

    def test_elsewhere_are_not_reported(self):
        source = "[a](https://x.example/go/abcd2345) [b](/search/?q=-abcd2345)"
        assert render(source).internal_links == frozenset()

    def test_that_leave_the_site_are_marked(self):
        assert html_of("[a](https://x.example/)") == (
            '<p><a href="https://x.example/" class="out" '
            'rel="noopener noreferrer nofollow">a</a></p>'
        )

    def test_typed_as_an_address_become_links(self):
        assert '<a href="https://x.example/y" class="out"' in html_of(
            "See https://x.example/y."
        )
        assert '<a href="mailto:a@b.example">a@b.example</a>' in html_of("a@b.example")


class TestImages:
    def test_of_our_own_are_shown(self):
        assert html_of("![Plan](/files/a1/x.png)") == (
            '<p><img src="/files/a1/x.png" alt="Plan" loading="lazy" '
            'decoding="async"></p>'
        )

    def test_from_elsewhere_become_links(self):
        html = html_of("![Plan](https://x.example/p.png)")
        assert '<a href="https://x.example/p.png" class="out"' in html
        assert ">Plan</a>" in html

    def test_from_elsewhere_inside_a_link_become_its_text(self):
        html = html_of("[![Plan](https://x.example/p.png)](/go/abcd2345)")
        assert html == '<p><a href="/go/abcd2345">Plan</a></p>'


class TestBlocks:
    def test_a_table_can_be_scrolled_with_the_keyboard(self):
        html = html_of("|A|B|\n|-|-:|\n|1|2|")
        assert html.startswith(
            '<div class="scroll" tabindex="0" role="region" aria-label="Table 1">'
            '<table class="table">'
        )
        assert '<td class="r">2</td>' in html

    def test_a_task_list_says_what_is_done(self):
        html = html_of("- [x] a\n- [ ] b")
        assert 'checked="" aria-label="Done"> a' in html
        assert 'disabled="" aria-label="To do"> b' in html

    @pytest.mark.parametrize(
        ("source", "css_class", "title"),
        [
            ("> [!NOTE]\n> Text", "callout-note", "Note"),
            ("> [!warning] Mind\n> Text", "callout-warn", "Mind"),
            ("> [!CAUTION]\n>\n> Text", "callout-bad", "Caution"),
            ("!!! tip\n    Text", "callout-tip", "Tip"),
            ('!!! important "Mind"\n    Text', "callout-important", "Mind"),
            ("!!! curious\n    Text", "callout-note", "Curious"),
        ],
    )
    def test_a_callout_has_a_kind_and_a_title(self, source, css_class, title):
        assert html_of(source) == (
            f'<div class="callout {css_class}" role="note">'
            f"<p><strong>{title}</strong></p><p>Text</p></div>"
        )

    def test_a_quote_with_an_unknown_mark_stays_a_quote(self):
        assert "<blockquote><p>[!MOOD]" in html_of("> [!MOOD]\n> Text")

    def test_code_is_coloured_by_class_and_can_take_the_focus(self):
        html = html_of("```python\nimport re\n```")
        assert '<div class="language-python highlight"><pre tabindex="0">' in html
        assert '<span class="kn">import</span>' in html

    def test_a_footnote_leads_there_and_back(self):
        html = html_of("A[^n]\n\n[^n]: Note")
        assert '<sup id="fnref-n"><a href="#fn-n" class="footnote-ref">1</a>' in html
        assert '<a href="#fnref-n" class="footnote-backref"' in html

    def test_the_rest_of_the_grammar(self):
        html = html_of("~~a~~ HTML\n\n*[HTML]: Hyper\n\nTerm\n: Meaning")
        assert "<del>a</del>" in html
        assert '<abbr title="Hyper">HTML</abbr>' in html
        assert "<dl><dt>Term</dt><dd>Meaning</dd></dl>" in html

    def test_harmless_html_stays(self):
        assert html_of("<kbd>N</kbd> <mark>x</mark>") == (
            "<p><kbd>N</kbd> <mark>x</mark></p>"
        )


class TestLayout:
    """Lists and blocks as the editor and other tools write them."""

    NESTED = "<ul><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ul>"

    @pytest.mark.parametrize(
        "source",
        [
            "- a\n  - b\n  - c\n- d",
            "- a\n    - b\n    - c\n- d",
            "* a\n\t* b\n\t* c\n* d",
            "-   a\n    -   b\n    -   c\n-   d",
        ],
    )
    def test_a_list_nests_however_it_is_indented(self, source):
        assert html_of(source) == self.NESTED

    def test_a_list_nests_in_a_quote(self):
        quoted = "> - a\n>   - b\n>   - c\n> - d"
        assert html_of(quoted) == f"<blockquote>{self.NESTED}</blockquote>"

    def test_a_bullet_nests_under_a_number(self):
        assert html_of("9. a\n   - b\n10. c") == (
            '<ol start="9"><li>a<ul><li>b</li></ul></li><li>c</li></ol>'
        )

    def test_a_list_may_follow_text(self):
        assert html_of("Text:\n- a") == "<p>Text:</p><ul><li>a</li></ul>"

    def test_a_year_at_the_start_of_a_line_is_no_list(self):
        assert html_of("Since\n1984. Then") == "<p>Since1984. Then</p>"

    def test_a_table_may_follow_text(self):
        assert html_of("Text\n|A|\n|-|\n|1|").startswith("<p>Text</p><div")

    def test_a_fence_in_a_list_keeps_the_list_going(self):
        html = html_of("1. a\n   ```\n   - x\n   ```\n2. b")
        assert html.count("<ol>") == 1
        assert html.count("<li>") == 2
        assert "<code>- x</code>" in html

    def test_code_is_left_as_it_is(self):
        source = "- a\n  - b\n1) c"
        assert f"<code>{source}\n</code>" in render(f"```\n{source}\n```").html

    def test_an_item_one_space_further_is_not_nested(self):
        assert html_of("- a\n - b") == "<ul><li>a</li><li>b</li></ul>"

    def test_a_list_indented_as_code_is_code(self):
        assert "<code>- a\n</code>" in render("Text\n\n    - a").html

    def test_a_line_between_lists_ends_them(self):
        assert html_of("- a\n\n---\n\n- b") == (
            "<ul><li>a</li></ul><hr><ul><li>b</li></ul>"
        )

    def test_a_paragraph_of_an_item_stays_in_it(self):
        assert html_of("- a\n\n  b\n\nc") == (
            "<ul><li><p>a</p><p>b</p></li></ul><p>c</p>"
        )


def test_the_plain_text_is_what_a_reader_reads():
    source = (
        "# A &amp; B\n\nSee [[C|the *plan*]][^1].\nNext line\n\n|x|\n|-|\n|y|\n\n"
        "![Alt](/files/a/b.png) <b hidden>bold</b><script>no</script>\n\n[^1]: Note"
    )
    assert render(source).text == ("A & B See the plan. Next line x y Alt bold Note")
