#!/usr/bin/python3
"""The tables of other tools' own tests, through `pipec simulate`: what their
counters, times, conditions and judges give has to come out here too.

A record is translated by the rule
that its function stands for. What has no counterpart is in OUT, by function,
and what is better on purpose in BETTER, both with the reason."""
import json
import math
import re
import sys

sys.dont_write_bytecode = True
from tables import VERDICTS, done, judge, measured, ok, records, simulate, skip, told

OUT = {
    "checkReplicasAvailable": "counts pods; pipec leaves scaling to the cluster",
    "garbageCollectMeasurements": "retention; the store keeps all of a run",
    "resolveArgs": "reads Kubernetes secrets; secrets are pipec's own",
    "BuildArgumentsForRolloutAnalysisRun": "pod hashes and fields of objects",
    "PrePromotionLabels": "labels of objects",
    "ResolveMetricArgs": "text templates; the language interpolates typed values",
    "RolloutCompleted": "pod hashes", "RolloutHealthy": "pod counts",
    "RolloutProgressing": "pod counts", "status": "conditions of an object",
    "CalculatePauseStatus": "conditions of an object",
    "CompleteRollout": "fields of an object",
    "GetCompletionLogFields": "fields of an object",
    "GetCompletionStatus": "fields of an object",
    "IsCompleted": "fields of an object",
    "Equal": "a Go helper", "valueFromPointer": "a Go helper",
    "EvalTime": "times in conditions; queries have ranges of their own",
    "ValidateRollout": "selectors and templates of an object",
    "invalidMaxSurgeMaxUnavailable": "pod counts",
}
BETTER = {
    "no data": "no data is a verdict of its own, not an error",
    "unknown name": "an unknown name does not compile",
}

# ---- metrics with counters ---------------------------------------------------
PHASES = {"Running": ("running", "stopped"), "Pending": ("running", "stopped"),
          "Successful": ("passed",), "Failed": ("failed",),
          "Inconclusive": ("inconclusive",), "Error": ("error",)}
VALUES = {"Successful": 1, "Failed": 0, "Inconclusive": 0.7,
          "Error": {"error": "no answer"}}
DAY = 86400000


def duration(text):
    units = {"ms": 1, "s": 1000, "m": 60000, "h": 3600000}
    if not re.fullmatch(r"(\d+(ms|s|m|h))+", text):
        return None
    return sum(int(d) * units[u] for d, u in re.findall(r"(\d+)(ms|s|m|h)", text))


def analysis(metric, name="m"):
    a = {"name": name, "provider": [{"is": "exec", "command": "x"}],
         "on": [{"event": "inconclusive", "remedy": "abort"}],
         "pass": {"$expr": ["binary", ">=", ["var", "result"], ["lit", 0.9]]},
         "fail": {"$expr": ["binary", "<", ["var", "result"], ["lit", 0.5]]}}
    for theirs, ours in (("count", "count"), ("failureLimit", "failures"),
                         ("inconclusiveLimit", "inconclusive"),
                         ("consecutiveErrorLimit", "errors"),
                         ("consecutiveSuccessLimit", "successes")):
        if metric.get(theirs) is not None:
            a[ours] = metric[theirs]
    for theirs, ours in (("interval", "every"), ("initialDelay", "initial-delay")):
        if metric.get(theirs):
            a[ours] = duration(metric[theirs])
    return a


def rollout(analyses, within=DAY):
    return {"router": {"is": "exec"}, "within": within, "analyze": analyses,
            "canary": {"steps": [{"is": "weight", "weight": 10, "hold": 2 * DAY},
                                 {"is": "weight", "weight": 100}]}}


def verdicts(result):
    """An order of measurements that leads to these counters."""
    streak = result.get("consecutiveSuccess", 0)
    other = result.get("successful", 0) - streak
    bad = ["Failed"] * result.get("failed", 0)
    bad += ["Inconclusive"] * result.get("inconclusive", 0)
    errors = result.get("error", 0) or result.get("consecutiveError", 0)
    out = []
    for i, b in enumerate(bad):
        share = other * (i + 1) // len(bad) - other * i // len(bad)
        out += ["Successful"] * share + [b]
    if not bad:
        out += ["Successful"] * other
    return out + ["Error"] * errors + ["Successful"] * streak


def ends(sequence, every, delay):
    """When the last of them is taken."""
    t = delay
    for v in sequence[:-1]:
        grid = delay + ((t - delay) // every + 1) * every if every else None
        if v == "Error" and (grid is None or grid > t + 10000):
            t += 10000
        else:
            t = grid if grid is not None else t
    return t


def phase_after(metric, sequence):
    a = analysis(metric)
    if len(sequence) > 1 and not a.get("every"):
        a["every"] = 60000
    until = ends(sequence, a.get("every", 0), a.get("initial-delay", 0)) + 1
    out, err = simulate(rollout([a], until), {"m": [VALUES[v] for v in sequence]})
    return (out["analyses"][0]["phase"] if out else None), err


def over_limits(metric, result):
    return ((result.get("failed", 0) > metric.get("failureLimit", 0) >= 0)
            + (result.get("inconclusive", 0) > metric.get("inconclusiveLimit", 0))
            + (result.get("consecutiveError", 0) >
               metric.get("consecutiveErrorLimit", 4)))


def metric_status(c):
    args = c["args"]
    metric, result = args.get("metric", {}), args["result"]
    last = [m.get("phase") for m in result.get("measurements") or []][-1:]
    want = c["checks"][0]["expected"]
    if isinstance(want, dict) or last == ["Running"] or over_limits(metric, result) > 1:
        return  # a call of another, a measurement in flight; not reachable
    sequence = verdicts(result) or last
    if not sequence:
        return
    got, err = phase_after(metric, sequence)
    wanted = PHASES[want]
    if args.get("terminating"):
        wanted += PHASES["Running"] if want == "Successful" else ()
    ok(got in wanted, c["source"], f"{got}, not {want}: {metric} {sequence} {err}")


def run_status(c):
    """The worst of all metrics that are no dry run ends a rollout."""
    run = c["args"].get("run") or c["args"].get("origRun")
    results = run.get("status", {}).get("metricResults") or []
    want = [x["expected"] for x in c["checks"] if x["op"] == "Equal" and (
        x["path"] == ["Status", "Phase"] or x["path"] == [{"result": 0}])]
    phases = [r.get("phase") for r in results]
    if not want or not results or want[0] not in PHASES or "Running" in phases:
        return
    dry = {d["metricName"] for d in run["spec"].get("dryRun") or []}
    analyses, series = [], {}
    for r in results:
        a = analysis({"interval": "60s"}, r["name"])
        a["dry-run"] = r["name"] in dry
        a["errors"] = 0
        if r["phase"] == "Successful":
            a["count"] = 1
        analyses.append(a)
        series[r["name"]] = [VALUES[r["phase"]]]
    out, err = simulate(rollout(analyses, 90000), series)
    got = "Successful"
    for phase in ("Inconclusive", "Error", "Failed"):
        if out and out["took"] < 90000 and any(
                a["phase"] in PHASES[phase] and not a["dry_run"]
                for a in out["analyses"]):
            got = phase
    ok(out and got == want[0], c["source"], f"{got}, not {want[0]} {err}")


# ---- times -------------------------------------------------------------------
def seconds(t):
    return t["$now_plus_seconds"] if isinstance(t, dict) else None


def next_time(c):
    """One metric, measured once so long ago: when it is measured next."""
    metric = c["args"]["metrics"][0]
    result = c["args"]["run"]["status"]["metricResults"][0]
    m = result["measurements"][-1]
    ended, want = seconds(m.get("finishedAt")), c["checks"][0].get("expected")
    if ended is None or result["phase"] != "Running" or not want:
        return  # in flight, resumed or over
    out, err = simulate(rollout([analysis(metric)]), {"m": [VALUES[m["phase"]], 1]})
    times = [e["t"] / 1000 for e in measured(out)] if out else []
    ok(len(times) > 1 and times[1] - times[0] == seconds(want) - ended,
       c["source"], f"{times[:3]} {err}")


def tasks(c):
    """Which metrics are due now."""
    run, want = c["args"]["run"], c["checks"][0]["expected"]
    results = run["status"].get("metricResults") or []
    due = 0
    for metric in c["args"]["metrics"]:
        if metric.get("initialDelay") and duration(metric["initialDelay"]) is None:
            out, _ = simulate(rollout([dict(analysis({}), **{
                "initial-delay": metric["initialDelay"]})]), {"m": [1]})
            due += out is not None  # not even begun
            continue
        past = [r for r in results if r["name"] == metric["name"]]
        last = past[0]["measurements"][-1] if past else None
        began = -seconds(run["status"].get("startedAt")
                         or {"$now_plus_seconds": 0})
        if last and not last.get("finishedAt"):
            return  # in flight, resumed
        if last:
            began = -seconds(last["finishedAt"])
        value = VALUES[last["phase"]] if last else 1
        out, _ = simulate(rollout([analysis(metric)]), {"m": [value, 1]})
        times = [e["t"] / 1000 for e in measured(out)]
        due += any(t <= began for t in times[1 if last else 0:])
    ok(due == want, c["source"], f"{due} are due, not {want}")


def timed_out(c):
    limit = c["args"]["rollout"]["spec"]["progressDeadlineSeconds"]
    update = c["args"]["newStatus"]["conditions"][0]["lastUpdateTime"]
    out, err = simulate(rollout([], limit * 1000), {})
    ok(out and (out["took"] / 1000 < -seconds(update)) == c["checks"][0]["expected"],
       c["source"], err)


def pause_seconds(c):
    """A pause is as long as it says; a number is seconds."""
    d, want = (c.get("recv") or {}).get("duration"), c["checks"][0]["expected"]
    if not isinstance(want, int) or want < 0:
        want = None
    text = "" if d is None else f" {d}s" if isinstance(d, int) else f" {d}"
    out, err = simulate('rollout r { router exec set="s" get="g"\n'
                        f"canary {{ weight 1%; hold{text}; weight 100% }} }}", {})
    if d is None:  # without end: until somebody says so
        ok(out and any(e["event"] == "waiting" for e in out["events"]),
           c["source"], err)
    else:
        ok((out["took"] / 1000 if out else None) == want, c["source"], err)


def manual(c):
    """What waits for people: with nobody there, it waits until the deadline."""
    reason, spec = c["args"]["reason"], c["args"]["ro"].get("spec", {})
    want = c["checks"][0]["op"] == "True"
    if reason == "InconclusiveAnalysisRun":
        a = dict(analysis({}), on=[])
        out, err = simulate(rollout([a]), {"m": [0.7]})
        waits = out and any(e["event"] == "held" for e in out["events"])
    elif reason == "CanaryPauseStep":
        steps = spec["strategy"]["canary"]["steps"]
        pause = steps[c["args"]["ro"]["status"]["currentStepIndex"]]["pause"] or {}
        d = pause.get("duration")
        text = "" if d is None else f" {d}s" if isinstance(d, int) else f" {d}"
        out, err = simulate('rollout r { router exec set="s" get="g"\n'
                            f"canary {{ hold{text}; weight 100% }} }}", {})
        waits = out and any(e["event"] == "waiting" for e in out["events"])
    else:
        auto = spec.get("strategy", {}).get("blueGreen", {}).get("autoPromotionEnabled", True)
        hold = "" if auto else "hold until=approved;"
        out, err = simulate('rollout r { router exec set="s" get="g"\n'
                            f"bluegreen {{ preview; {hold} switch }} }}", {})
        waits = out and any(e["event"] == "waiting" for e in out["events"])
    ok(waits == want, c["source"], err)


# ---- conditions ----------------------------------------------------------------
def result_value(v):
    return v["$float"] if isinstance(v, dict) and "$float" in v else v


def evaluate_result(c):
    want = VERDICTS[c["phase"]]
    value = result_value(c["result"])
    got, err = judge(value, c["successCondition"], c["failureCondition"])
    better = value in (None, []) and got == "no data"  # BETTER
    ok(got == want or better or (want == "error" and got == "refused"),
       c["source"], f"{got}, not {want} {err}")


def evaluate_condition(c):
    got, err = judge(result_value(c["result"]), c["condition"])
    if c.get("error") is not None:
        ok(got in ("error", "refused"), c["source"], got)
    else:
        ok(got == ("passed" if c["value"] else "failed"), c["source"],
           f"{got} {err}")


def function(c):
    """asInt, asFloat, isInf... of one argument."""
    arg = result_value(next(iter(c["args"].values())))
    check = c["checks"][0]
    call = f"{c['fn']}(result)"
    if check["op"] == "panics":
        got, err = judge(arg, f"{call} == {call}")
        ok(got == "error", c["source"], f"{got} {err}")
    elif check["op"] in ("True", "False"):
        got, err = judge(arg, call if check["op"] == "True" else f"!{call}")
        ok(got in ("passed", "no data"), c["source"], f"{got} {err}")
    else:
        got, err = judge(arg, f"{call} == {json.dumps(result_value(check['expected']))}")
        ok(got in ("passed", "no data"), c["source"], f"{got} {err}")


def of_arguments(c):
    """default and isNil, by the test that calls them."""
    test, args = c["source"].split("#")[-1], [result_value(a) for a in c["args"]]
    check = c["checks"][0]
    if "Default" in test:
        want = next(p["=="] for p in check["path"] if isinstance(p, dict))
        call = f"default(result, {json.dumps(args[1])}) == {json.dumps(want)}"
    elif "IsNil" in test:
        call = "isNil(result)"
    else:
        return
    got, err = judge(args[0], call if check["op"] == "True" else f"!{call}")
    ok(got == "passed", c["source"], f"{got} {err}")


def nil_or_empty(c):
    """Nothing, or an empty list, is no data."""
    got, err = judge(result_value(c["args"]["result"]), "true")
    want = "no data" if c["checks"][0]["op"] == "True" else "passed"
    ok(got == want, c["source"], f"{got} {err}")


# ---- specs -----------------------------------------------------------------------
def validate(c):
    """A metric that they refuse is refused here, by config or by compiler."""
    metrics = c["args"]["metrics"]
    fine = c["checks"][0]["op"] in ("NoError", "Nil")
    blocks = ""
    for i, m in enumerate(metrics):
        words = {"count": "count", "failureLimit": "failures", "interval": "every",
                 "inconclusiveLimit": "inconclusive", "initialDelay": "initial-delay",
                 "consecutiveErrorLimit": "errors",
                 "consecutiveSuccessLimit": "successes"}
        args = " ".join(f"{ours}={m[theirs]}" for theirs, ours in words.items()
                        if m.get(theirs) is not None)
        args = args.replace("failures=-1", "failures=off")
        provider = "\n".join('exec "x"' for _ in m.get("provider") or {})
        blocks += f"analyze {m['name']} {args} {{ {provider}\npass result > 0 }}\n"
    # Nothing to measure is allowed: a rollout may go by time and approval.
    out, err = simulate('rollout r { router exec set="s" get="g"\ncanary { weight 1% '
                        "hold=2d; weight 100% }\n" + blocks + "}", {})
    if metrics:
        ok((out is not None) == fine, c["source"], err or blocks)


def step_text(s):
    """A step in this language; None where it has none like it."""
    if not s:
        return "weight"  # a step without a kind
    if len([k for k in ("setWeight", "pause", "analysis", "experiment") if k in s]) > 1:
        return "weight 5% weight 5%"  # several in one
    if "setWeight" in s:
        return f"weight {s['setWeight']}%"
    if "pause" in s:
        d = (s["pause"] or {}).get("duration")
        return "hold" if d is None else f"hold {d}s" if isinstance(d, int) else f"hold {d}"
    if "setHeaderRoute" in s and len(s["setHeaderRoute"].get("match") or []) == 1:
        m = s["setHeaderRoute"]["match"][0]
        v = (m.get("headerValue") or {})
        if "exact" in v or not v:
            return f'header "{m["headerName"]}' + (f': {v["exact"]}"' if v else '"')
    return None


# What has to do with what only theirs has.
THEIRS = re.compile("SetCanaryScale|Experiment|managedRoutes|Ping|plugin|revision|"
                    "dynamicStableScale|scaleDown|maxTrafficWeight|maxSurge", re.I)


def strategy(c):
    """Who splits the traffic, and between whom, is checked when the file is
    compiled."""
    spec = c["args"]["rollout"]["spec"]["strategy"]
    fine = any(k["op"] in ("Empty", "NoError") or (k["op"] in ("Len", "Equal") and
               k.get("expected") == 0) for k in c["checks"])
    details = " ".join(str(k.get("expected")) for k in c["checks"] if k["op"] != "Len")
    canary = spec.get("canary") or {}
    theirs = canary.get("pingPong") or "plugins" in (canary.get("trafficRouting") or {})
    if theirs or (THEIRS.search(details) and "uses the same service" not in details):
        return skip(c, "of what only theirs has")
    steps = [step_text(s) for s in canary.get("steps") or []]
    if None in steps:
        return skip(c, "a step without counterpart")
    stable, new = canary.get("stableService"), canary.get("canaryService")
    blue = spec.get("blueGreen")
    if blue:
        stable, new = blue.get("activeService"), blue.get("previewService")
    names = (f' stable="{stable}"' if stable else "") + (f' canary="{new}"' if new else "")
    text = f'rollout r {{ router gateway "route"{names}\n'
    if blue is not None:
        text += "bluegreen { preview; switch }\n"
    if "canary" in spec:
        text += "canary { " + "; ".join(steps + ["weight 100%"]) + " }\n"
    out, err = simulate(text + "}", {})
    ok((out is not None) == fine, c["source"], f"{details}: {err} {text}")


# ---- the judge ---------------------------------------------------------------------
def series(values):
    return ["NaN" if isinstance(v, (dict, str)) or v is None
            or (isinstance(v, float) and math.isnan(v)) else v for v in values]


def compare(control, experiment, options):
    config = rollout([{"name": "m", "every": 60000, "on": [],
                       "provider": [{"is": "exec", "command": "x"}],
                       "compare": options}], 1)
    out, err = simulate(config, {"m": [{"value": series(experiment),
                                        "stable": series(control)}]})
    return (measured(out)[0].get("judge") if out else None), err


def classifier(c):
    j = c["config"]
    o = {"tolerance": j.get("tolerance", 0.25), "confidence": j.get("confLevel", 0.98),
         "direction": c["direction"].lower(), "critical": c["critical"],
         "nan": c["nanStrategy"].lower(), "must-have-data": c["mustHaveData"],
         "effect": "cles" if j.get("effectSizeMeasure") == "cles" else "mean-ratio",
         "judge": {"MeanInequalityClassifier": "mean-inequality"}.get(
             c["classifier"], "mann-whitney")}
    for key, ours in (("effectSizeThresholds", "allowed"),
                      ("criticalThresholds", "critical")):
        if key in j:
            o[ours + "-decrease"], o[ours + "-increase"] = j[key]
    got, err = compare(c["control"], c["experiment"], o)
    names = {"Pass": "pass", "High": "high", "Low": "low", "Nodata": "no data",
             "NodataFailMetric": "no data, which fails"}
    e = c["expect"]
    good = got and got["class"].startswith(names[e["classification"]][:7])
    if good and "critical" in e:
        good = got["critical"] == e["critical"]
    ok(good, c["source"], f"{got} {e} {err}")


def detector(c):
    """What is left of a series: how many, and with which mean."""
    how, data = c.get("config", {}), c["data"]
    o = {"nan": "remove", "outliers": "keep"}
    if c.get("detector") == "KSigmaDetector":
        o.update({"outliers": "ksigma", "outlier-factor": how["k"]})
    elif c.get("detector"):
        o.update({"outliers": "remove" if how.get("reduceSensitivity") else "iqr",
                  "outlier-factor": how["factor"]})
    elif "replace" in c["op"].lower():
        o["nan"] = "replace"
    left = c["expect"]
    if c["op"] == "detect":
        left = [v for v, out in zip(data, c["expect"]) if not out]
    if not data:
        return skip(c, "no value at all is no measurement")
    got, err = compare([1, 1, 1], data, o)
    mean = sum(left) / len(left) if left else 0
    effect = got and got["effect"]
    same = effect is None if mean == 0 else effect and math.isclose(effect, mean)
    ok(got and got["canary_n"] == len(left) and (same or left == [1] * len(left)),
       c["source"], f"{got} {left} {err}")


def percentile(c):
    got, err = judge(c["data"], f"percentile(result, {c['p']}) - {c['expect']} < "
                     f"{c['tolerance']:f} && percentile(result, {c['p']}) - "
                     f"{c['expect']} > -{c['tolerance']:f}")
    ok(got == "passed", c["source"], f"{got} {err}")


def effect_size(c):
    kind = "cles" if c["measure"] == "cles" else "mean-ratio"
    got, err = compare(c["control"], c["experiment"], {"effect": kind})
    want = c["expect"]
    if isinstance(want, dict) or not got:
        ok(got and got["effect"] is None, c["source"], f"{got} {err}")
    else:
        ok(got["effect"] is not None and abs(got["effect"] - want) < 1e-6,
           c["source"], f"{got} {want} {err}")


def interval(c):
    got, err = compare(c["control"], c["experiment"],
                       {"confidence": c["confidenceLevel"]})
    good = got is not None
    for theirs, ours in (("ci_low", "low"), ("ci_high", "high"), ("estimate", "estimate")):
        e = c["expect"].get(theirs)
        good = good and (e is None or (got[ours] is not None and abs(
            got[ours] - e["value"]) <= max(e.get("tolerance", 1e-6), 1e-6)))
    ok(good, c["source"], f"{got} {c['expect']} {err}")


def scorer(c):
    """Metrics that are made to be what they are called."""
    wanted, analyses, points = c["expect"].get("summaryScore"), [], {}
    if wanted is None:
        return
    values = {"Pass": [1, 1, 1, 1, 1], "High": [30, 31, 32, 33, 34],
              "Low": [0.1, 0.2, 0.1, 0.2, 0.1], "Nodata": ["NaN"] * 5,
              "NodataFailMetric": ["NaN"] * 5}
    for i, m in enumerate(c["metrics"]):
        o = {"groups": m["groups"] or ["all"], "critical": m.get("critical", False),
             "must-have-data": m["classification"] == "NodataFailMetric"}
        analyses.append({"name": f"m{i}", "every": 60000, "compare": o,
                         "dry-run": m.get("muted", False),
                         "on": [{"event": e, "remedy": "continue"}
                                for e in ("failed", "inconclusive", "error")],
                         "provider": [{"is": "exec", "command": "x"}]})
        points[f"m{i}"] = [{"value": values[m["classification"]],
                            "stable": [1, 1, 1, 1, 1] if m["classification"] == "Pass"
                            else [10, 11, 12, 10, 11]}]
    config = dict(rollout(analyses, 1), score={
        "pass": 0, "weights": c.get("groupWeights", {})})
    out, err = simulate(config, points)
    got = out.get("score") if out else None
    ok(got is not None and abs(got - wanted) < 0.005, c["source"],
       f"{got}, not {wanted} {err}")


# ---- all of them ---------------------------------------------------------------------
TABLES = {
    "analysis_metric_status": {"assessMetricStatus": metric_status,
                               "assessMetricFailureInconclusiveOrError": metric_status},
    "analysis_run_status": {"assessRunStatus": run_status,
                            "reconcileAnalysisRun": run_status},
    "analysis_next_time": {"calculateNextReconcileTime": next_time},
    "analysis_tasks": {"generateMetricTasks": tasks},
    "analysis_validate": {"ValidateMetrics": validate},
    "conditions": {"RolloutTimedOut": timed_out},
    "evaluate_misc": {"asInt": function, "asFloat": function, "isInf": function,
                      "isNaN": function, "isNil": function, "?": of_arguments, "isNilOrEmpty": nil_or_empty},
    "pause": {"requiresManualAction": manual},
    "pause_duration": {"DurationSeconds": pause_seconds},
    "evaluate_result": evaluate_result, "evaluate_condition": evaluate_condition,
    "kayenta_classifier": classifier, "kayenta_effect_size": effect_size,
    "kayenta_mannwhitney": interval, "kayenta_scorer": scorer,
    "kayenta_detector_transform": detector, "kayenta_percentile_r7": percentile,
    # its statistic alone: tests/unit/rollout_judge_test.c
    "abort_weight": {}, "analysis_misc": {},
    "validation": {"ValidateRolloutStrategy": strategy,
                   "ValidateRolloutStrategyBlueGreen": strategy,
                   "ValidateRolloutStrategyCanary": strategy},
}
for table, how in TABLES.items():
    for c in records(table):
        fn = c.get("fn") or c.get("classifier") or "?"
        run = how if callable(how) else how.get(fn)
        if fn in OUT:
            skip(c, OUT[fn])
        elif run:
            before = told()
            run(c)
            if told() == before:
                skip(c, "not reachable by measuring")
        else:
            ok(False, c["source"], f"'{fn}' has no rule, and no reason why not")
done()
