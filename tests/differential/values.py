"""Values that are hard to print, and YAML texts of them in many styles."""
import json

TEXTS = [
    "plain", "two words", "yes", "y", "null", "~", "1", "0x1F", "1e3", "1.0",
    "0777", "1:30", "2001-01-01", "true", "a: b", "a #b", "#c", " lead",
    "trail ", "", "-", "- a", "?", "'q'", '"dq"', "a'b", "$(VAR)", "$(A)-x",
    "{a}", "[b]", "*x", "&x", "!t", "%p", "@at", "`tick`", "a\\b", "é", "日本",
    "line\nline\n", "line\nline", "\nlead", " indented\nx\n", "end\n\n",
    "tab\there", "trail \nx", "a" * 90, "word " * 30 + "end",
    "long words " + "w" * 70 + " and more text after it that goes on and on",
    "'quoted' start " + "z " * 50, "k: " + "v " * 60, "<html>&amp;", "\u2028x",
    "smile \U0001f600", "---", "...", "=", "<<", ".5", "+1", "0o17", "1_000",
    "12e03", "-0", ".inf", "NaN", "0b11", "off", "N", "a\r\nb", "\n", "\n\n",
    "x\n\n\ny", "  two\n one\n", "#!/bin/sh\necho \"$1\"\n\texit\n", "key: |\n",
    "a,b", "a:b", "x" * 128, "x " * 41, ("seventy" * 10 + "  double  " * 3),
    "0.1.2", "1.", "1e", "0x", "12h", "-1", "--", "-.5", "1,000", "0o8", "%",
    "\x7f"[:0] + "nbsp\u00a0x", "\ufeffbom", "\u0085x", "back\\slash\\\n",
    "'", '"', "''", "'\"", "ends:", ":starts", "ends #", "a\n#b\n", "{{ x }}",
    "${X}", "|", ">", "| x", "a\n b\n  c\n", "T", "Null", "~x", "10:20:30",
    "2001-01-01T00:00:00Z", "2001-1-1", "1_0.5", "0b2", "+.inf", ".NaN",
]
RAW = [  # scalars as they stand in YAML, resolved by the reader
    "1", "1.0", "1.50", "0777", "0x1F", "1_000", "1e3", "1e20", "1e-7", "08",
    "true", "False", "yes", "~", "null", "", "2001-01-01", "0o17", "-0", "+5",
    "12345678901234567890", "1234567.5", "0.1", ".5", "2001-01-01T10:00:00Z",
    "!!str 1", "!!int \"3\"", "'single'", "\"double\\tx\"", "{}", "[]",
    "[1, two, {three: 3}]", "{a: {b: [c]}}", "plain text", "on", "0.0",
    "!!float 3", "!!bool \"true\"", "!!null \"\"", "!!binary aGk=", "1.7e308",
    "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "-9223372036854775808", "1E5", "1e+3", "0.000001", "123456789.125", "-1.5",
    "0b101", "-0x10", "'it''s'", "\"\\u00e9\\x41\\n\"", "[ ]", "{ }", "[[], {}]",
    "[a, 'b', \"c\"]", "{'q': 1, \"r\": 2}", "&anchor value", "! tagged",
    "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "0o9", "1e400"
    [:3], "NULL", "TRUE", "Yes", "0xZ", "1__0", "1_", "100000000000000000000000",
]


def quote(s):
    return json.dumps(s, ensure_ascii=False)


class Raw(str):
    """YAML text as it is."""


WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")


def is_plain(s):
    return bool(s) and s[0].isalpha() and s.lower() not in WORDS and all(
        c.isascii() and (c.isalnum() or c in "-./") for c in s)


def scalar(v, r=None):
    if isinstance(v, Raw):
        return str(v)
    if isinstance(v, bool):
        return "true" if v else "false"
    if v is None:
        return "null"
    if isinstance(v, (int, float)):
        return repr(v)
    if is_plain(v):
        return v
    if r and r.random() < .3 and "\n" not in v and v.isprintable():
        return "'" + v.replace("'", "''") + "'"
    return quote(v)


def flow(v, r):
    if isinstance(v, dict):
        return "{" + ", ".join(scalar(k) + ": " + flow(x, r)
                               for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ", ".join(flow(x, r) for x in v) + "]"
    return scalar(v, r)


class Writer:
    """Block YAML; where it is styled by r: comments, flow, block scalars,
    anchors, lists with and without indentation."""

    def __init__(self, r=None):
        self.r = r
        self.anchors = []
        self.count = 0

    def chance(self, p):
        return self.r is not None and self.r.random() < p

    def block(self, s, indent):
        """A literal or folded scalar; None where it cannot be one."""
        if "\n" not in s or any(c in s for c in "\r\u0085\u2028\ufeff\x00") \
                or not s.replace("\n", "").replace("\t", "").isprintable():
            return None
        lines = s.split("\n")
        keep = "-" if lines[-1] else "+" if s.endswith("\n\n") or s == "\n" \
            else ""
        if not lines[-1]:
            lines.pop()
        if not any(x.strip() for x in lines):
            return None
        first = next(x for x in lines if x)
        hint = "2" if first[0] == " " or not lines[0] else ""
        pad = " " * (indent + 2)
        return "|" + hint + keep + "".join("\n" + (pad + x if x else "")
                                           for x in lines)

    def folded(self, s, indent):
        words = s.split(" ")
        if len(words) < 4 or "" in words or not s.isprintable() \
                or "\u2028" in s:
            return None
        pad = "\n" + " " * (indent + 2)
        cut = len(words) // 2
        return ">-" + pad + " ".join(words[:cut]) + pad + " ".join(words[cut:])

    def value(self, v, indent):
        """The text after "key:" of a value that stands in its line."""
        if isinstance(v, (dict, list)):
            return flow(v, self.r)
        if isinstance(v, str) and not isinstance(v, Raw):
            text = None
            if self.chance(.6):
                text = self.block(v, indent)
            if text is None and self.chance(.3):
                text = self.folded(v, indent)
            if text is not None:
                return text
        text = scalar(v, self.r)
        if isinstance(v, str) and not isinstance(v, Raw) and \
                self.chance(.04):
            if (v in dict(self.anchors)) and "\n" not in v:
                return "*" + dict(self.anchors)[v]
            self.count += 1
            self.anchors.append((v, "a%d" % self.count))
            return "&a%d %s" % (self.count, text)
        if self.chance(.04):
            text += "  # beside"
        return text

    def entry(self, out, head, v, indent):
        pad = " " * indent
        if self.chance(.04):
            out.append(pad + "# above")
        if isinstance(v, (dict, list)) and v and not self.chance(.07):
            deeper = indent + 2
            if isinstance(v, list) and head.endswith(":") and \
                    self.chance(.4):
                deeper = indent
            if head.endswith("-") and isinstance(v, dict) and self.r \
                    and self.chance(.7):
                text = self.dump(v, indent + 2)
                if not text.lstrip(" ").startswith("#"):
                    out.append(pad + "- " + text[indent + 2:])
                    return
            out.append(pad + head)
            out.append(self.dump(v, deeper))
        else:
            text = self.value(v, indent)
            out.append(pad + head + (" " + text if text else ""))
        if self.chance(.02):
            out.append(pad + "# below\n")

    def dump(self, v, indent=0):
        if not isinstance(v, (dict, list)) or not v:
            return " " * indent + self.value(v, indent)
        out = []
        for k, x in (v.items() if isinstance(v, dict) else enumerate(v)):
            head = scalar(k) + ":" if isinstance(v, dict) else "-"
            if isinstance(v, dict) and self.chance(.02) and is_plain(k):
                head = "? " + k + "\n" + " " * indent + ":"
            self.entry(out, head, x, indent)
        return "\n".join(out)


def dump(v, r=None):
    return Writer(r).dump(v)
