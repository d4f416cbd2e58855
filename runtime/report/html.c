#include "runtime/report/html.h"

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--dim:#68707a;"
    "--line:#d8dde3;--card:#f6f8fa;--ok:#1a7f37;--bad:#cf222e;--warn:#9a6700;"
    "--accent:#0969da}"
    "@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6e9ed;"
    "--dim:#8d96a0;--line:#30363d;--card:#171c22;--ok:#3fb950;--bad:#f85149;"
    "--warn:#d29922;--accent:#58a6ff}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:70rem;"
    "background:var(--bg);color:var(--fg);"
    "font:15px/1.5 system-ui,-apple-system,'DejaVu Sans',sans-serif}"
    "h1{font-size:1.5rem;margin:0 0 .25rem;line-height:1.3}"
    "h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "p{margin:.25rem 0}.dim{color:var(--dim)}"
    ".badge{display:inline-block;padding:0 .6em;border-radius:1em;"
    "font-size:.85em;font-weight:600;border:1px solid currentColor;"
    "vertical-align:middle}"
    ".ok{color:var(--ok)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
    ".card{background:var(--card);border:1px solid var(--line);"
    "border-radius:8px;padding:.75rem 1rem;margin:.75rem 0;overflow-x:auto}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:.92em}"
    "th{text-align:left;color:var(--dim);font-weight:500}"
    "th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);"
    "vertical-align:top;white-space:nowrap}"
    "td.wide{white-space:normal;overflow-wrap:anywhere;min-width:9rem}"
    "pre{background:var(--card);border:1px solid var(--line);"
    "border-radius:8px;padding:.75rem 1rem;overflow-x:auto;"
    "font:13px/1.45 ui-monospace,'DejaVu Sans Mono',monospace;margin:.5rem 0}"
    "svg{display:block;overflow:visible}"
    "svg.chart{width:calc(100% - 70px);margin:.25rem 16px .75rem 54px}"
    "svg.times{width:calc(100% - 190px);margin:0 62px 0 128px}"
    "svg text{fill:var(--dim);font:11px system-ui,'DejaVu Sans',sans-serif}"
    "svg .name{fill:var(--fg);font-size:12px}"
    "svg .grid{stroke:var(--line);stroke-width:1}"
    "svg .limit{stroke:var(--fg);stroke-width:1;stroke-dasharray:4 3}"
    "svg .area{fill:var(--accent);fill-opacity:.18}"
    "svg .edge{stroke:var(--accent);stroke-width:1.5;stroke-linecap:square}"
    "svg .series{stroke:var(--dim);stroke-width:1.2}"
    "svg .f-ok{fill:var(--ok)}svg .f-bad{fill:var(--bad)}"
    "svg .f-warn{fill:var(--warn)}svg .f-dim{fill:var(--dim)}"
    "svg .hollow{fill:var(--card);stroke:var(--warn);stroke-width:1.5}"
    "details>summary{cursor:pointer;color:var(--accent)}"
    "@media(max-width:40rem){body{padding:1rem .75rem 3rem}"
    ".spare{display:none}td.wide{min-width:6rem}th,td{padding-right:.5rem}"
    "h1{font-size:1.25rem}.card{padding:.5rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere}}";

void html_text(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (c == '<')
            buf_adds(out, "&lt;");
        else if (c == '>')
            buf_adds(out, "&gt;");
        else if (c == '&')
            buf_adds(out, "&amp;");
        else if (c == '"')
            buf_adds(out, "&quot;");
        else if (c >= 0x20 || c == '\n' || c == '\t')
            buf_addc(out, (char)c);
    }
}

void html_open(struct buf *out, struct str title)
{
    buf_adds(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">"
                  "\n<meta name=\"viewport\" content=\"width=device-width, "
                  "initial-scale=1\">\n<title>");
    html_text(out, title);
    buf_adds(out, "</title>\n<style>");
    buf_adds(out, style);
    buf_adds(out, "</style>\n<body>\n");
}

void html_close(struct buf *out)
{
    buf_adds(out, "</body>\n</html>\n");
}

void html_badge(struct buf *out, const char *class, struct str text)
{
    buf_addf(out, "<span class=\"badge %s\">", class);
    html_text(out, text);
    buf_adds(out, "</span>");
}
