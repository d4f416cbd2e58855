#include "compiler/rollout_check.h"

static bool is_step(const struct value *step, const char *is)
{
    return str_eq(value_get_str(step, "is", STR("")), str_of(is));
}

static struct str name_of(const struct value *v)
{
    return value_get_str(v, "name", STR(""));
}

void rollout_once(struct check *c, const struct rollout *r,
                  const struct value *step, struct span at)
{
    struct near near = {.word = name_of(step)};

    if (!is_step(step, "analyze"))
        return;
    for (size_t i = 0; r->analyses && i < r->analyses->list.n; i++) {
        struct str name = name_of(&r->analyses->list.items[i]);

        if (str_eq(name, near.word))
            return;
        near_consider(&near, name);
    }
    struct diag *g = diag_add(c->d, DIAG_E0806, at,
                              "this rollout has no analysis '" STR_FMT "'",
                              STR_ARG(near.word));

    if (near.best.n)
        diag_help_near(c->d, g, &near);
    else
        diag_help(c->d, g, "declare it beside the steps: analyze " STR_FMT
                           " once=true { ... }", STR_ARG(near.word));
}

static bool run_by_step(const struct rollout *r, struct str name)
{
    for (size_t i = 0; i < r->steps->list.n; i++)
        if (is_step(&r->steps->list.items[i], "analyze") &&
            str_eq(name_of(&r->steps->list.items[i]), name))
            return true;
    return false;
}

static void check_name(struct check *c, const struct rollout *r, size_t i)
{
    struct str name = name_of(&r->analyses->list.items[i]);

    for (size_t k = 0; k < i; k++) {
        if (!str_eq(name_of(&r->analyses->list.items[k]), name))
            continue;
        struct diag *g = diag_add(c->d, DIAG_E0811,
                                  rollout_analysis_span(r, i, ""),
                                  "there is an analysis '" STR_FMT "' already",
                                  STR_ARG(name));

        diag_also(c->d, g, rollout_analysis_span(r, k, ""), "declared here");
        return;
    }
}

static void check_measure(struct check *c, const struct rollout *r, size_t i)
{
    const struct value *v = &r->analyses->list.items[i];
    const struct value *provider = value_get(v, STR("provider"));
    size_t n = provider && provider->kind == VALUE_LIST ? provider->list.n : 0;
    bool judged = value_get(v, STR("pass")) || value_get(v, STR("fail")) ||
                  value_get(v, STR("compare")) ||
                  value_get(v, STR("sequential"));
    struct span at = rollout_analysis_span(r, i, "");
    struct diag *g;

    if (n != 1) {
        g = diag_add(c->d, DIAG_E0808, at, n
                     ? "the analysis '" STR_FMT "' measures several things"
                     : "the analysis '" STR_FMT "' measures nothing",
                     STR_ARG(name_of(v)));
        diag_help(c->d, g, n ? "make an analysis of each"
                             : "add prometheus, http, exec or another provider");
    } else if (!judged) {
        g = diag_add(c->d, DIAG_E0808, at,
                     "the analysis '" STR_FMT "' says of no result that it is "
                     "good or bad", STR_ARG(name_of(v)));
        diag_help(c->d, g, "add pass result >= 99%% or the like");
    }
}

static void check_from(struct check *c, const struct rollout *r, size_t i)
{
    int64_t from = value_get_int(&r->analyses->list.items[i], "from", 1);

    if (from >= 1 && from <= (int64_t)r->steps->list.n)
        return;
    diag_add(c->d, DIAG_E0809, rollout_analysis_span(r, i, "from"),
             "there is no step %lld: the rollout has %zu", (long long)from,
             r->steps->list.n);
}

static struct str ms_text(struct check *c, int64_t ms)
{
    struct value v = {.kind = VALUE_DURATION, .i = ms};

    return value_show(c->a, &v);
}

static void report_late(struct check *c, const struct rollout *r, size_t i,
                        int64_t needs_ms, int64_t has_ms)
{
    const struct value *v = &r->analyses->list.items[i];
    int64_t count = value_get_int(v, "count", 0);
    struct diag *g = diag_add(
        c->d, DIAG_E0804, rollout_analysis_span(r, i, count ? "count"
                                                : "initial-delay"),
        "the analysis '" STR_FMT "' takes " STR_FMT ", but the steps it guards "
        "last " STR_FMT, STR_ARG(name_of(v)), STR_ARG(ms_text(c, needs_ms)),
        STR_ARG(ms_text(c, has_ms)));

    diag_help(c->d, g, "hold longer, measure more often, or take fewer");
}

/* With a first measurement at once, then one every so often. */
static void check_time(struct check *c, const struct rollout *r, size_t i,
                       int64_t has_ms)
{
    const struct value *v = &r->analyses->list.items[i];
    int64_t every = value_get_int(v, "every", 0);
    int64_t count = value_get_int(v, "count", 0);
    int64_t needs = value_get_int(v, "initial-delay", 0), more;
    int64_t failures = value_get_int(v, "failures", 0);

    if (count > 1 && (__builtin_mul_overflow(count - 1, every, &more) ||
                      __builtin_add_overflow(needs, more, &needs)))
        needs = INT64_MAX;
    if (needs > has_ms) {
        report_late(c, r, i, needs, has_ms);
        return;
    }
    if (count || every <= 0)
        return;
    int64_t fit = (has_ms - needs) / every + 1;

    if (failures < fit)
        return;
    struct diag *g = diag_add(
        c->d, DIAG_E0805, rollout_analysis_span(r, i, "failures"),
        "this analysis can never fail: %lld failures are borne, and %lld "
        "measurements fit into " STR_FMT, (long long)failures, (long long)fit,
        STR_ARG(ms_text(c, has_ms - needs)));

    diag_help(c->d, g, "bear fewer, measure more often, or hold longer");
}

static void check_limits(struct check *c, const struct rollout *r, size_t i)
{
    static const char *const limits[] = {"failures", "consecutive-failures"};
    const struct value *v = &r->analyses->list.items[i];
    const struct value *count = value_get(v, STR("count"));

    for (size_t k = 0; k < 2; k++) {
        const struct value *borne = value_get(v, str_of(limits[k]));

        if (!count || count->kind != VALUE_INT || count->i < 1 || !borne ||
            borne->kind != VALUE_INT || borne->i < count->i)
            continue;
        struct diag *g = diag_add(
            c->d, DIAG_E0805, rollout_analysis_span(r, i, limits[k]),
            "this analysis can never fail: %s=%lld of count=%lld are borne",
            limits[k], (long long)borne->i, (long long)count->i);

        diag_help(c->d, g, "bear fewer than are measured");
    }
}

void rollout_analysis(struct check *c, const struct rollout *r, size_t i,
                      const int64_t *guarded_ms)
{
    const struct value *v = &r->analyses->list.items[i];
    bool once = value_get_bool(v, "once", false);

    check_name(c, r, i);
    check_measure(c, r, i);
    check_limits(c, r, i);
    rollout_window(c, r, i);
    if (once && !run_by_step(r, name_of(v))) {
        struct diag *g = diag_add(c->d, DIAG_W0810,
                                  rollout_analysis_span(r, i, ""),
                                  "no step runs the analysis '" STR_FMT "'",
                                  STR_ARG(name_of(v)));

        diag_help(c->d, g, "add the step analyze once " STR_FMT,
                  STR_ARG(name_of(v)));
    }
    if (once || run_by_step(r, name_of(v)))
        return;
    check_from(c, r, i);
    if (guarded_ms)
        check_time(c, r, i, *guarded_ms);
}
