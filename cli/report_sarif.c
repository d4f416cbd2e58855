/* Of the reports about a run: SARIF 2.1.0 (OASIS standard, 27 March 2020). */
#include "cli/report_page.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/map.h"
#include "compiler/diag.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

/* The part of one tool. */
struct tool_run {
    json_t *results, *rules;
    struct map index; /* rule -> its struct rule */
};

struct rule {
    json_int_t index;
};

struct sarif {
    struct arena *a;
    const struct page_run *p;
    struct str root;   /* of the repository: places are relative to it */
    struct map tools;  /* name -> tool_run */
    struct map seen;   /* findings, each said once */
};

/* The folder upwards that has a .git; else the pipeline's. */
static struct str find_root(struct arena *a, struct str dir)
{
    for (struct str at = dir; at.n > 1; at = file_dir(at))
        if (!access(file_join(a, arena_dup(a, at), STR(".git")).s, F_OK))
            return at;
    return dir;
}

static json_t *text_json(struct sarif *s, struct str text)
{
    text = diag_printable(s->a, text);
    return json_stringn(text.s ? text.s : "", text.n);
}

/* Without "." and with each ".." taking what is before it away: by the text
 * alone, for the file may be gone. */
static struct str straight(struct arena *a, struct str path)
{
    struct buf b = {0};

    for (struct str rest = path; rest.n;) {
        struct str part = str_cut(rest, '/', &rest);

        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR(".."))) {
            struct str up = file_dir(buf_str(&b));

            b.n = up.n > 1 ? up.n : 0;
            continue;
        }
        buf_addc(&b, '/');
        buf_add(&b, part);
    }
    path = arena_dup(a, buf_str(&b));
    buf_free(&b);
    return path;
}

/* A file as the pipeline's folder sees it, seen from the repository's. */
static struct str from_root(struct sarif *s, struct str dir, struct str file)
{
    struct str base = file_join(s->a, s->p->x.r.run.dir, dir);
    struct str path = straight(s->a, file_join(s->a, base, file));

    if (str_starts(path, s->root) && path.n > s->root.n &&
        path.s[s->root.n] == '/')
        return str_skip(path, s->root.n + 1);
    return path;
}

static json_t *location(struct sarif *s, struct str path, int64_t line,
                        int64_t col)
{
    json_t *region = json_object(), *at;

    if (line > 0)
        json_object_set_new(region, "startLine", json_integer(line));
    if (line > 0 && col > 0)
        json_object_set_new(region, "startColumn", json_integer(col));
    at = json_pack("{s:{s:{s:o}}}", "physicalLocation", "artifactLocation",
                   "uri", text_json(s, diag_uri(s->a, path)));
    if (json_object_size(region))
        json_object_set(json_object_get(at, "physicalLocation"), "region",
                        region);
    json_decref(region);
    return json_pack("[o]", at);
}

/* Where the pipeline declares the stage. */
static json_t *stage_location(struct sarif *s, const struct graph_node *n)
{
    const struct stored_run *r = &s->p->x.r;
    struct str dir = file_dir(r->graph.file), file = n->place.file;

    if (str_starts(file, dir) && file.n > dir.n && file.s[dir.n] == '/')
        file = str_skip(file, dir.n + 1);
    return location(s, from_root(s, STR(""), file), n->place.line,
                    n->place.col);
}

static struct tool_run *tool_run(struct sarif *s, struct str name)
{
    struct tool_run *t = map_get(&s->tools, name);

    if (t)
        return t;
    t = arena_new(s->a, struct tool_run);
    t->results = json_array();
    t->rules = json_array();
    map_set(s->a, &s->tools, name, t);
    return t;
}

static json_int_t rule_index(struct sarif *s, struct tool_run *t,
                             struct str name)
{
    struct rule *r = map_get(&t->index, name);

    if (r)
        return r->index;
    r = arena_new(s->a, struct rule);
    r->index = (json_int_t)json_array_size(t->rules);
    json_array_append_new(t->rules, json_pack("{s:o}", "id",
                                              text_json(s, name)));
    map_set(s->a, &t->index, name, r);
    return r->index;
}

static const char *level_of(struct str severity)
{
    static const char *const levels[] = {"error", "warning", "note", NULL};

    for (size_t i = 0; levels[i]; i++)
        if (str_eq(severity, str_of(levels[i])))
            return levels[i];
    return "warning";
}

static void put_finding(struct sarif *s, const struct store_event *v,
                        const struct value *d)
{
    const struct graph_node *n = graph_find(&s->p->x.r.graph, v->stage);
    struct str file = value_get_str(d, "file", STR(""));
    struct str rule = value_get_str(d, "rule", STR("?"));
    struct tool_run *t = tool_run(s, value_get_str(d, "tool", STR("scan")));
    const struct value *at = n ? &n->extra->dir : NULL;
    struct str dir = at && at->kind == VALUE_STRING ? at->s : STR("");
    json_t *o = json_pack(
        "{s:o, s:I, s:s, s:{s:o}}", "ruleId", text_json(s, rule), "ruleIndex",
        rule_index(s, t, rule), "level",
        level_of(value_get_str(d, "severity", STR(""))), "message", "text",
        text_json(s, value_get_str(d, "message", STR(""))));

    if (file.n)
        json_object_set_new(o, "locations",
                            location(s, from_root(s, dir, file),
                                     value_get_int(d, "line", 0),
                                     value_get_int(d, "col", 0)));
    else if (n)
        json_object_set_new(o, "locations", stage_location(s, n));
    json_array_append_new(t->results, o);
}

/* Of a scan that was tried again, or run again by a resumed run, the same
 * finding comes twice. */
static bool said_before(struct sarif *s, const struct store_event *v)
{
    struct str key = arena_printf(s->a, STR_FMT "\n" STR_FMT,
                                  STR_ARG(v->stage), STR_ARG(v->data));

    if (map_get(&s->seen, key))
        return true;
    map_set(s->a, &s->seen, key, s);
    return false;
}

static void gather(struct sarif *s)
{
    for (size_t i = 0; i < s->p->x.n_events; i++) {
        const struct store_event *v = &s->p->x.events[i];
        bool found = str_eq(v->name, STR("finding"));
        struct value d = {0};
        struct err none = {0};

        if ((!found && !str_eq(v->name, STR("scan.summary"))) ||
            said_before(s, v) || !value_from_json(s->a, v->data, &d, &none))
            continue;
        if (found)
            put_finding(s, v, &d);
        const struct value *tools = value_get(&d, STR("tools"));

        for (size_t k = 0; tools && tools->kind == VALUE_LIST &&
                           k < tools->list.n; k++)
            if (tools->list.items[k].kind == VALUE_STRING)
                tool_run(s, tools->list.items[k].s);
    }
}

/* What failed, as what the tool pipec has to tell of its own run. */
static json_t *notifications(struct sarif *s)
{
    const struct stored_run *r = &s->p->x.r;
    json_t *all = json_array();

    for (size_t i = 0; i < r->n_stages; i++) {
        const struct stored_stage *t = &r->stages[i];
        struct str text;
        json_t *o;

        if (!t->last || !stored_failed(t->last))
            continue;
        text = arena_printf(s->a, STR_FMT " %s: " STR_FMT,
                            STR_ARG(t->last->id), stored_stage_state(r, t),
                            STR_ARG(t->last->why));
        o = json_pack("{s:s, s:{s:o}}", "level",
                      t->last->optional ? "warning" : "error", "message",
                      "text", text_json(s, text));
        if (t->node)
            json_object_set_new(o, "locations", stage_location(s, t->node));
        json_array_append_new(all, o);
    }
    return all;
}

/* Categories, by which services tell analyses apart, end at the last '/'. */
static json_t *automation(struct sarif *s)
{
    const struct store_run *r = &s->p->x.r.run;
    struct str id = arena_printf(s->a, STR_FMT "/%" PRId64,
                                 STR_ARG(r->pipeline), r->id);

    return json_pack("{s:o}", "id", text_json(s, id));
}

static json_t *pipec_run(struct sarif *s)
{
    const struct store_run *r = &s->p->x.r.run;
    json_t *call = json_pack(
        "{s:b, s:I, s:s, s:o}", "executionSuccessful",
        str_eq(r->result, STR("passed")), "exitCode", (json_int_t)r->code,
        "startTimeUtc", clock_rfc3339(s->a, r->started).s,
        "toolExecutionNotifications", notifications(s));

    if (r->ended)
        json_object_set_new(call, "endTimeUtc",
                            json_string(clock_rfc3339(s->a, r->ended).s));
    return json_pack("{s:{s:{s:s, s:s}}, s:o, s:[o], s:[]}", "tool", "driver",
                     "name", "pipec", "version", PIPEC_VERSION,
                     "automationDetails", automation(s), "invocations", call,
                     "results");
}

void page_sarif(struct arena *a, struct buf *out, const struct page_run *p)
{
    struct sarif s = {.a = a, .p = p, .root = find_root(a, p->x.r.run.dir)};
    json_t *runs = json_array();

    json_array_append_new(runs, pipec_run(&s));
    gather(&s);
    for (struct map_entry *i = map_first(&s.tools); i; i = map_next(i)) {
        struct tool_run *t = map_value(i);

        json_array_append_new(runs, json_pack(
            "{s:{s:{s:o, s:o}}, s:s, s:o, s:o}", "tool", "driver", "name",
            text_json(&s, map_key(i)), "rules", t->rules, "columnKind",
            "unicodeCodePoints", "automationDetails", automation(&s),
            "results", t->results));
        map_free(&t->index);
    }
    map_free(&s.tools);
    map_free(&s.seen);
    json_t *top = json_pack("{s:s, s:s, s:o}", "$schema",
                            "https://json.schemastore.org/sarif-2.1.0.json",
                            "version", "2.1.0", "runs", runs);

    json_text(out, top);
}
