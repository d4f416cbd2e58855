#include "runtime/http/http.h"

#include "base/die.h"
#include "base/sigpipe.h"
#include "runtime/http/transfer.h"

#include <stdlib.h>

enum { POLL_MS = 1000 };

/* One place of the `parallel` ones: a handle that is used again and again. */
struct slot {
    CURL *handle;
    struct transfer transfer;
    struct http_job *job; /* NULL: free */
};

struct batch {
    struct http_client *client;
    struct arena *arena;
    struct http_job *jobs;
    size_t n, next; /* the first job not begun */
    struct slot *slots;
    unsigned slot_count, running;
};

/* Jobs whose request is not valid end at once, without a slot. */
static void slot_fill(struct batch *b, struct slot *s)
{
    const struct curl_lib *c = &b->client->curl;

    while (b->next < b->n) {
        struct http_job *job = &b->jobs[b->next++];
        s->transfer = (struct transfer){
            .curl = c, .handle = s->handle, .arena = b->arena,
            .request = &job->request, .response = &job->response};
        c->easy_reset(s->handle);
        if (!transfer_begin(&s->transfer, &job->error))
            continue;
        if (c->multi_add_handle(b->client->multi, s->handle) != CURLM_OK)
            die_oom();
        s->job = job;
        b->running++;
        return;
    }
}

static void slot_end(struct batch *b, struct slot *s, CURLcode code)
{
    b->client->curl.multi_remove_handle(b->client->multi, s->handle);
    s->job->ok = transfer_end(&s->transfer, code, &s->job->error);
    s->job = NULL;
    b->running--;
    slot_fill(b, s);
}

static void reap(struct batch *b)
{
    const struct curl_lib *c = &b->client->curl;
    CURLMsg *m;
    int left;

    while ((m = c->multi_info_read(b->client->multi, &left))) {
        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode code = m->data.result; /* gone once the handle is removed */
        for (unsigned i = 0; i < b->slot_count; i++)
            if (b->slots[i].handle == m->easy_handle) {
                slot_end(b, &b->slots[i], code);
                break;
            }
    }
}

static bool drive(struct batch *b, struct err *e)
{
    const struct curl_lib *c = &b->client->curl;
    CURLM *m = b->client->multi;

    while (b->running) {
        int running, ready;
        CURLMcode code = c->multi_perform(m, &running);
        if (code == CURLM_OK) {
            reap(b);
            if (b->running)
                code = c->multi_poll(m, NULL, 0, POLL_MS, &ready);
        }
        if (code != CURLM_OK)
            return err_set(e, ERR_NET, "libcurl: %s", c->multi_strerror(code));
    }
    return true;
}

static void slots_destroy(struct batch *b)
{
    struct err ignored;

    for (unsigned i = 0; i < b->slot_count; i++) {
        struct slot *s = &b->slots[i];
        if (s->job) {
            b->client->curl.multi_remove_handle(b->client->multi, s->handle);
            transfer_end(&s->transfer, CURLE_ABORTED_BY_CALLBACK, &ignored);
        }
        b->client->curl.easy_cleanup(s->handle);
    }
    free(b->slots);
}

bool http_send_all(struct http_client *c, struct arena *a,
                   struct http_job *jobs, size_t n, unsigned parallel,
                   struct err *e)
{
    unsigned width = parallel < 1 ? 1
                     : parallel > HTTP_PARALLEL_MAX ? HTTP_PARALLEL_MAX
                                                    : parallel;
    struct batch b = {.client = c, .arena = a, .jobs = jobs, .n = n,
                      .slots = calloc(width, sizeof(struct slot))};

    if (!b.slots || !(c->multi || (c->multi = c->curl.multi_init())))
        die_oom();
    c->curl.multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)width);
    for (size_t i = 0; i < n; i++)
        jobs[i].ok = false;
    for (; b.slot_count < width && b.next < n; b.slot_count++) {
        struct slot *s = &b.slots[b.slot_count];
        s->handle = c->curl.easy_init();
        if (!s->handle)
            die_oom();
        slot_fill(&b, s);
    }
    struct sigpipe_guard guard;

    sigpipe_block(&guard);
    bool ok = drive(&b, e);

    sigpipe_restore(&guard);
    slots_destroy(&b);
    return ok;
}
