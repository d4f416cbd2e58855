/* A thousand distinct queries, ten under way, beside a bare loop of libcurl's
 * multi interface, in turn. Ours parses each answer and compares it with the
 * question.
 *
 *     http NAME LIMIT URL      LIMIT: the bare loop's time / ours, at least
 */
#include "runtime/http/http.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 7, QUERIES = 1000, PARALLEL = 10 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "http: %s\n", what);
    exit(2);
}

static void query(char *out, size_t size, const char *url, long nonce, int i)
{
    snprintf(out, size, "%s?q=%ld-%d", url, nonce, i);
}

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
    (void)p, (void)ctx;
    return size * n;
}

static double run_bare(const char *url, long nonce)
{
    CURLM *m = curl_multi_init();
    CURL *h[PARALLEL];
    int next = 0, done = 0, running, left;
    char text[256];
    double began = now_ms();

    for (int i = 0; i < PARALLEL; i++) {
        h[i] = curl_easy_init();
        query(text, sizeof(text), url, nonce, next++);
        curl_easy_setopt(h[i], CURLOPT_URL, text);
        curl_easy_setopt(h[i], CURLOPT_WRITEFUNCTION, swallow);
        curl_multi_add_handle(m, h[i]);
    }
    while (done < QUERIES) {
        curl_multi_perform(m, &running);
        for (CURLMsg *x; (x = curl_multi_info_read(m, &left));) {
            CURL *easy = x->easy_handle;
            if (x->data.result != CURLE_OK)
                die("the bare loop failed");
            done++;
            curl_multi_remove_handle(m, easy);
            if (next == QUERIES)
                continue;
            query(text, sizeof(text), url, nonce, next++);
            curl_easy_setopt(easy, CURLOPT_URL, text);
            curl_multi_add_handle(m, easy);
        }
        if (done < QUERIES)
            curl_multi_poll(m, NULL, 0, 1000, NULL);
    }
    double ms = now_ms() - began;
    for (int i = 0; i < PARALLEL; i++)
        curl_easy_cleanup(h[i]);
    curl_multi_cleanup(m);
    return ms;
}

static void check(const struct http_job *job, long nonce, int i)
{
    char want[64];
    json_t *j = json_loadb(job->response.body.s, job->response.body.n, 0,
                           NULL);
    const char *got = json_string_value(json_object_get(j, "q"));

    snprintf(want, sizeof(want), "%ld-%d", nonce, i);
    if (!job->ok || !got || strcmp(got, want) != 0)
        die("a wrong answer");
    json_decref(j);
}

static double run_ours(struct http_client *c, const char *url, long nonce)
{
    struct arena a = {0};
    struct err e = {0};
    struct http_job *jobs = arena_array(&a, struct http_job, QUERIES);
    char text[256];
    double began = now_ms();

    for (int i = 0; i < QUERIES; i++) {
        query(text, sizeof(text), url, nonce, i);
        jobs[i].request.url = arena_dup(&a, str_of(text));
    }
    if (!http_send_all(c, &a, jobs, QUERIES, PARALLEL, &e))
        die(e.msg);
    for (int i = 0; i < QUERIES; i++)
        check(&jobs[i], nonce, i);
    double ms = now_ms() - began;
    arena_free(&a);
    return ms;
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    double ours[ROUNDS], bare[ROUNDS], ratio[ROUNDS];
    struct err e = {0};

    if (argc != 4)
        die("usage: http NAME LIMIT URL");
    double limit = strtod(argv[2], NULL);
    struct http_client *c = http_client_create(&e);
    if (!c)
        die(e.msg);
    srandom((unsigned)time(NULL));
    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = run_bare(argv[3], random());
        ours[i] = run_ours(c, argv[3], random());
        ratio[i] = bare[i] / ours[i];
    }
    qsort(ours, ROUNDS, sizeof(*ours), by_value);
    qsort(bare, ROUNDS, sizeof(*bare), by_value);
    qsort(ratio, ROUNDS, sizeof(*ratio), by_value);
    double got = ratio[ROUNDS / 2];

    printf("%-44s %8.2f %8.2f ms  speed %6.3f (limit %s)  %s\n", argv[1],
           ours[ROUNDS / 2], bare[ROUNDS / 2], got, argv[2],
           got >= limit ? "ok" : "OVER");
    http_client_destroy(c);
    return got < limit;
}
