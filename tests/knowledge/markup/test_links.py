"""Links between pages, filled in for one reader."""

from knowledge.markup import LinkTarget, render, resolve_links

PAGES = {"Plan": LinkTarget("/plan-abcd2345/", 'The "plan"')}


def test_a_page_the_reader_may_view_is_linked():
    html = resolve_links(render("[[Plan|here]]").html, PAGES.get)
    assert html == (
        '<p><a class="wikilink" href="/plan-abcd2345/" '
        'title="The &quot;plan&quot;">here</a></p>'
    )


def test_a_heading_of_it_too():
    html = resolve_links(render("[[Plan#Step 2]]").html, PAGES.get)
    assert 'href="/plan-abcd2345/#h-step-2"' in html


def test_a_hidden_page_reads_as_one_that_does_not_exist():
    rendered = render("[[Secret#Part|see *this*]]")
    html = resolve_links(rendered.html, PAGES.get)
    assert html == '<p><span class="wikilink-missing">see <em>this</em></span></p>'


def test_each_title_is_asked_once_and_as_typed():
    asked = []
    resolve_links(render('[[A & "B"]] [[C]] [[A & "B"|again]]').html, asked.append)
    assert asked == ['A & "B"', "C"]


def test_the_label_is_the_authors_whatever_the_title_is():
    assert ">Plan</a>" in resolve_links(render("[[Plan]]").html, PAGES.get)
