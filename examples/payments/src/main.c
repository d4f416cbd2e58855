/* The payments service: GET /fee?amount=CENTS, /healthz, and /metrics for
 * Prometheus.    payments PORT [VERSION]                                    */
#include "fee.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const double bounds[] = {.001, .005, .01, .025, .05, .1, .25, .5, 1};
enum { BOUNDS = sizeof(bounds) / sizeof(*bounds) };

struct service {
    const char *version;
    uint64_t ok, refused, failed;  /* answers by code: 200, 400, 500 */
    uint64_t within[BOUNDS + 1];   /* answers by the time they took */
    double seconds;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void answer(struct evhttp_request *req, int code, const char *type,
                   struct evbuffer *body)
{
    evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type",
                      type);
    evhttp_send_reply(req, code, NULL, body);
    evbuffer_free(body);
}

static void on_fee(struct evhttp_request *req, void *ctx)
{
    struct service *s = ctx;
    struct evbuffer *body = evbuffer_new();
    struct evkeyvalq query = {0};
    double began = now();
    int64_t fee = 0;
    size_t bucket = 0;
    int code = 400;

    evhttp_parse_query_str(
        evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req)), &query);
    const char *amount = evhttp_find_header(&query, "amount");

    if (amount && fee_of(strtoll(amount, NULL, 10), &fee))
        code = 200;
    evhttp_clear_headers(&query);
    if (code == 200)
        evbuffer_add_printf(body, "{\"fee\":%" PRId64 ",\"version\":\"%s\"}\n",
                            fee, s->version);
    else
        evbuffer_add_printf(body, "{\"error\":\"no such amount\"}\n");
    answer(req, code, "application/json", body);

    *(code == 200 ? &s->ok : code == 400 ? &s->refused : &s->failed) += 1;
    double took = now() - began;

    while (bucket < BOUNDS && took > bounds[bucket])
        bucket++;
    s->within[bucket]++;
    s->seconds += took;
}

static void on_metrics(struct evhttp_request *req, void *ctx)
{
    const struct service *s = ctx;
    struct evbuffer *body = evbuffer_new();
    const struct { const char *code; uint64_t n; } counts[] = {
        {"200", s->ok}, {"400", s->refused}, {"500", s->failed},
    };
    uint64_t sum = 0;

    evbuffer_add_printf(body, "# TYPE http_requests_total counter\n");
    for (size_t i = 0; i < 3; i++)
        evbuffer_add_printf(body, "http_requests_total{code=\"%s\"} %" PRIu64
                            "\n", counts[i].code, counts[i].n);
    evbuffer_add_printf(body,
                        "# TYPE http_request_duration_seconds histogram\n");
    for (size_t i = 0; i <= BOUNDS; i++) {
        char le[16] = "+Inf";

        sum += s->within[i];
        if (i < BOUNDS)
            snprintf(le, sizeof(le), "%g", bounds[i]);
        evbuffer_add_printf(body, "http_request_duration_seconds_bucket"
                            "{le=\"%s\"} %" PRIu64 "\n", le, sum);
    }
    evbuffer_add_printf(body, "http_request_duration_seconds_sum %f\n"
                        "http_request_duration_seconds_count %" PRIu64 "\n",
                        s->seconds, sum);
    answer(req, 200, "text/plain; version=0.0.4", body);
}

static void on_health(struct evhttp_request *req, void *ctx)
{
    struct evbuffer *body = evbuffer_new();
    const struct service *s = ctx;

    evbuffer_add_printf(body, "%s\n", s->version);
    answer(req, 200, "text/plain", body);
}

int main(int argc, char **argv)
{
    struct service s = {.version = argc > 2 ? argv[2] : "dev"};
    int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);

    signal(SIGPIPE, SIG_IGN);
    evhttp_set_cb(http, "/fee", on_fee, &s);
    evhttp_set_cb(http, "/healthz", on_health, &s);
    evhttp_set_cb(http, "/metrics", on_metrics, &s);
    if (port <= 0 || evhttp_bind_socket(http, "127.0.0.1", (uint16_t)port)) {
        fprintf(stderr, "payments: cannot listen on port %d\n", port);
        return 1;
    }
    event_base_dispatch(base);
    evhttp_free(http);
    event_base_free(base);
    return 0;
}
