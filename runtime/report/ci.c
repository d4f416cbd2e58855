/* GitHub Actions and GitLab: what a stage printed as one group when it has
 * ended, and annotations where the failure is. Stages print in parallel, and
 * both services nest nothing, so groups cannot be live. */
#include "base/clock.h"
#include "runtime/report/part.h"

#include <inttypes.h>
#include <unistd.h>

static bool github(const struct report *r)
{
    return r->options.format == REPORT_GITHUB;
}

/* GitHub's escapes of a command's message, and of its properties. */
static void add_escaped(struct report *r, struct str s, bool property)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];

        if (c == '%' || c == '\r' || c == '\n' ||
            (property && (c == ':' || c == ',')))
            buf_addf(&r->out, "%%%02X", c);
        else
            buf_addc(&r->out, (char)c);
    }
}

static void annotate(struct report *r, const char *level, struct str file,
                     int64_t line, struct str title, struct str message)
{
    if (!github(r))
        return;
    buf_addf(&r->out, "::%s ", level);
    if (file.n) {
        buf_adds(&r->out, "file=");
        add_escaped(r, file, true);
        if (line > 0)
            buf_addf(&r->out, ",line=%" PRId64, line);
        buf_addc(&r->out, ',');
    }
    buf_adds(&r->out, "title=");
    add_escaped(r, title, true);
    buf_adds(&r->out, "::");
    add_escaped(r, message, false);
    buf_addc(&r->out, '\n');
}

/* What a child prints must not be taken for commands to GitHub: they are off
 * while it is shown, until a word that the child cannot know. */
static void show_group(struct report *r, const struct event *v)
{
    struct str id = v->graph->nodes[v->node].id;
    struct stage_view *s = &r->stages[v->node];
    uint64_t secret;

    if (s->text.n == 0 || getentropy(&secret, sizeof(secret)) < 0)
        return;
    struct str word = arena_printf(&r->a, "pipec-%016" PRIx64, secret);

    if (github(r))
        buf_addf(&r->out, "::group::" STR_FMT "\n::stop-commands::" STR_FMT
                 "\n", STR_ARG(id), STR_ARG(word));
    else
        buf_addf(&r->out, "\033[0Ksection_start:%" PRId64 ":pipec_%" PRIu32
                 "[collapsed=true]\r\033[0K" STR_FMT "\n", v->at / 1000,
                 v->node, STR_ARG(id));
    buf_add(&r->out, buf_str(&s->text));
    if (s->text.s[s->text.n - 1] != '\n')
        buf_addc(&r->out, '\n');
    if (s->text.overflow)
        buf_addf(&r->out, "(more in 'pipec logs " STR_FMT "')\n", STR_ARG(id));
    if (github(r))
        buf_addf(&r->out, "::" STR_FMT "::\n::endgroup::\n", STR_ARG(word));
    else
        buf_addf(&r->out, "\033[0Ksection_end:%" PRId64 ":pipec_%" PRIu32
                 "\r\033[0K\n", v->at / 1000, v->node);
}

static void on_finished(struct report *r, const struct event *v)
{
    const struct graph_node *n = &v->graph->nodes[v->node];
    enum event_result result = v->finished.result;
    bool bad = result == EVENT_FAILED || result == EVENT_TIMEOUT ||
               result == EVENT_ABORTED;

    show_group(r, v);
    if (bad)
        annotate(r, v->finished.optional ? "warning" : "error", n->place.file,
                 n->place.line, arena_printf(&r->a, STR_FMT " %s",
                 STR_ARG(n->id), event_result_name(result)), v->finished.why);
}

static void on_named(struct report *r, const struct event *v)
{
    const struct value *d = &v->other.data;
    struct str severity = value_get_str(d, "severity", STR(""));
    bool mild = str_eq(severity, STR("warning")) ||
                str_eq(severity, STR("medium")) ||
                str_eq(severity, STR("low")) || str_eq(severity, STR("note"));

    if (str_eq(v->other.name, STR("finding")))
        annotate(r, mild ? "warning" : "error",
                 value_get_str(d, "file", STR("")),
                 value_get_int(d, "line", 0), value_get_str(d, "rule", STR("")),
                 value_get_str(d, "message", STR("")));
    else if (str_eq(v->other.name, STR("test.case")))
        annotate(r, value_get_bool(d, "flaky", false) ? "warning" : "error",
                 value_get_str(d, "file", STR("")),
                 value_get_int(d, "line", 0), value_get_str(d, "name", STR("")),
                 value_get_str(d, "message", STR("")));
}

void ci_event(struct report *r, const struct event *v)
{
    if (v->kind == EVENT_STAGE_LOG) {
        r->stages[v->node].text.max = KEPT_BYTES;
        buf_add(&r->stages[v->node].text, v->log.text);
        return;
    }
    if (v->kind == EVENT_STAGE_FINISHED)
        on_finished(r, v);
    if (v->kind == EVENT_OTHER)
        on_named(r, v);
    report_event(r, v);
}
