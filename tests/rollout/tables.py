"""What the drivers of other tools' tables share: where these are, the TAP that
is printed, and running pipec on what a record says.

The tables are read from $PIPEC_SHARED/cases/rollout (../shared beside the
checkout, or ../../shared); where that is not there, nothing is tested."""
import json
import os
import subprocess
import sys
import tempfile

PIPEC = os.environ["PIPEC"]
HERE = os.path.dirname(os.path.abspath(__file__))
_places = [os.environ.get("PIPEC_SHARED", HERE + "/../../../shared"),
           HERE + "/../../../../shared"]
_folder = next((p + "/cases/rollout/" for p in _places
                if os.path.isdir(p + "/cases/rollout")), "")
_told = {"n": 0, "failed": 0, "skipped": 0}


def ok(good, name, why=""):
    _told["n"] += 1
    _told["failed"] += not good
    print("ok" if good else "not ok", _told["n"], "-",
          name.replace("#", "/")[-100:])
    if not good:
        print("#", str(why)[:1000])


def told():
    """So many records have been dealt with."""
    return _told["n"] + _told["skipped"]


def skip(record, why):
    _told["skipped"] += 1
    print("# left out:", record["source"].split("#")[-1], "-", why)


def records(table):
    try:
        with open(_folder + table + ".json") as f:
            return json.load(f)["cases"] if _folder else []
    except FileNotFoundError:
        return []


def done():
    if not _told["n"]:
        ok(True, "the tables are not at hand")
    print(f"1..{_told['n']}")
    sys.exit(_told["failed"] > 0)


def pipec(args, files, timeout=120):
    """Runs it in a folder with these files: the folder's answer, and those of
    them that it wrote are given back."""
    with tempfile.TemporaryDirectory() as d:
        for name, text in files.items():
            with open(d + "/" + name, "w") as f:
                f.write(text if isinstance(text, str) else json.dumps(text))
        r = subprocess.run([PIPEC, *args], cwd=d, capture_output=True, text=True,
                           timeout=timeout)
        written = {}
        for name in set(os.listdir(d)) - set(files):
            if os.path.isfile(d + "/" + name):
                with open(d + "/" + name) as f:
                    written[name] = f.read()
    return r, written


def simulate(policy, series):
    """The policy is a config, or the text of a pipeline: what came of it, and
    what was said on standard error."""
    name = "r.json" if isinstance(policy, dict) else "r.pipeline"
    r, _ = pipec(["simulate", name, "--series", "series.json", "--format", "json"],
                 {name: policy, "series.json": series})
    return (None if r.returncode else json.loads(r.stdout)), r.stderr


def measured(out, name=None):
    return [e for e in out["events"] if e["event"] == "measurement"
            and (name is None or e["analysis"] == name)]


def judge(value, good, bad=None):
    """What two conditions make of a value."""
    text = 'rollout r { router exec set="s" get="g"\n'
    text += "canary { weight 1% hold=1h; weight 100% }\n"
    text += 'analyze m every=1h { exec "x"'
    text += f"\npass {good}" if good else ""
    text += f"\nfail {bad}" if bad else ""
    text += "" if good or bad else "\npass true"
    out, err = simulate(text + "\n} }", {"m": [{"value": value, "t": 0}]})
    return (measured(out)[0]["verdict"] if out else "refused"), err


VERDICTS = {"Successful": "passed", "Failed": "failed", "Error": "error",
            "Inconclusive": "inconclusive"}
