#!/bin/sh
# Remote bases from real servers: git over HTTP, SSH and files, in the forms
# kustomizations write them, and files by URL.
set -u
support=$(cd "$(dirname "$0")/../support" && pwd)
top=$(mktemp -d) || exit 1
server= sshd=
trap 'kill $server $sshd 2>/dev/null; rm -rf "$top"' EXIT
export HOME="$top/home" XDG_CACHE_HOME="$top/cache" LC_ALL=C
export GIT_CONFIG_GLOBAL="$top/home/.gitconfig"
unset SSH_AUTH_SOCK
mkdir -p "$HOME/.ssh" "$top/www" "$top/t" && chmod 700 "$HOME/.ssh"
git config --global user.email a@example.com
git config --global user.name a
git config --global protocol.file.allow always
git config --global init.defaultBranch main

n=0
ok() { # ok NAME STATUS
    n=$((n + 1))
    [ "$2" = 0 ] && echo "ok $n - $1" || echo "not ok $n - $1"
    [ "$2" = 0 ] || sed 's/^/# /' "$top/err"
}
renders() { # renders NAME ENTRY PREFIX [FLAG]
    printf 'resources:\n- "%s"\n' "$2" >"$top/t/kustomization.yaml"
    # shellcheck disable=SC2086
    "$PIPEC" render ${4-} "$top/t" >"$top/out" 2>"$top/err" &&
        grep -q "name: $3-c\$" "$top/out"
    ok "$1" $?
}
refuses() { # refuses NAME ENTRY TEXT [FLAG]
    printf 'resources:\n- "%s"\n' "$2" >"$top/t/kustomization.yaml"
    # shellcheck disable=SC2086
    ! "$PIPEC" render ${4-} "$top/t" >"$top/out" 2>"$top/err" &&
        [ ! -s "$top/out" ] && grep -q "$3" "$top/err"
    ok "$1" $?
}

# A repository with a tag, a branch and a submodule.
object='apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n'
base() { # base DIR PREFIX
    mkdir -p "$1" && printf "$object" >"$1/r.yaml"
    printf 'resources: [r.yaml]\nnamePrefix: %s-\n' "$2" \
        >"$1/kustomization.yaml"
}
(
    cd "$top/www" && git init -q lib && base lib/deep lib &&
    git -C lib add . && git -C lib commit -qm lib &&
    git init -q repo && base repo/sub/dir one && base repo root &&
    git -C repo add . && git -C repo commit -qm one && git -C repo tag v1 &&
    base repo/sub/dir two && git -C repo commit -qam two &&
    git -C repo checkout -qb side && base repo/sub/dir side &&
    git -C repo commit -qam side && git -C repo checkout -q main &&
    git -C repo submodule --quiet add "$top/www/lib" mod &&
    git -C repo commit -qm mod && printf "$object" | sed 's/c}/web-c}/' >r.yaml
) || exit 1

cat >"$top/serve.py" <<'PY'
"""Files, and repositories by git's own HTTP server; the port on stdout."""
import http.server
import os
import subprocess
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if not path.endswith(("/info/refs", "/git-upload-pack")):
            return self.file(path)
        size = int(self.headers.get("Content-Length") or 0)
        env = dict(os.environ, GIT_PROJECT_ROOT=os.getcwd(),
                   GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
                   QUERY_STRING=query, REQUEST_METHOD=self.command,
                   CONTENT_TYPE=self.headers.get("Content-Type", ""),
                   CONTENT_LENGTH=str(size))
        out = subprocess.run(["git", "http-backend"], env=env,
                             input=self.rfile.read(size),
                             stdout=subprocess.PIPE).stdout
        head, _, body = out.partition(b"\r\n\r\n")
        self.send_response(404 if b"Status: 404" in head else 200)
        for line in head.split(b"\r\n"):
            name, _, value = line.decode().partition(": ")
            if name != "Status":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def file(self, path):
        try:
            body = open(path.lstrip("/"), "rb").read()
        except OSError:
            return self.send_error(404)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


os.chdir(sys.argv[1])
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(s.server_port, flush=True)
s.serve_forever()
PY
mv "$top/www/repo" "$top/www/repo.work" &&
    git clone -q --bare "$top/www/repo.work" "$top/www/repo.git"
mkfifo "$top/port"
python3 "$top/serve.py" "$top/www" >"$top/port" & server=$!
read -r port <"$top/port"
http=http://127.0.0.1:$port

renders "a tag of a repository over HTTP" "$http/repo.git//sub/dir?ref=v1" one
renders "a branch, by its old word" "$http/repo.git//sub/dir?version=side" side
renders "the default branch" "$http/repo.git//sub/dir" two
renders "the top folder" "$http/repo.git?ref=v1" root
renders "the folder after .git" "$http/repo.git/sub/dir?ref=v1" one
renders "a submodule" "$http/repo.git//mod/deep" lib
refuses "no submodules where they are not wanted" \
    "$http/repo.git//mod/deep?submodules=0" "mod/deep"
refuses "a branch that is not there" "$http/repo.git//sub/dir?ref=nope" nope
refuses "a folder that is not there" "$http/repo.git//none?ref=v1" none
renders "a file by its URL" "$http/r.yaml" web
refuses "a file that is not there" "$http/none.yaml" none.yaml
renders "a repository by a file URL" "file://$top/www/repo.git//sub/dir?ref=v1" one

# One fetch a commit: the server may go.
kill $server && wait $server 2>/dev/null
server=
renders "what was fetched, offline" "$http/repo.git//sub/dir?ref=v1" one --offline
refuses "what was not, offline" "http://127.0.0.1:$port/other.git//x" other --offline
refuses "a server that is gone" "$http/other.git//x?timeout=2" other

if [ -x /usr/sbin/sshd ] && [ "$(id -u)" = 0 ]; then
    mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$top/host"
    ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id_ed25519"
    cp "$HOME/.ssh/id_ed25519.pub" "$top/authorized"
    port=$("$support/free-port")
    printf '%s\n' "Port $port" "ListenAddress 127.0.0.1" \
        "HostKey $top/host" "PidFile $top/sshd.pid" \
        "AuthorizedKeysFile $top/authorized" "PasswordAuthentication no" \
        "KbdInteractiveAuthentication no" "UsePAM no" "StrictModes no" \
        "PermitRootLogin prohibit-password" "LogLevel ERROR" >"$top/sshd.conf"
    /usr/sbin/sshd -D -e -f "$top/sshd.conf" 2>"$top/sshd.log" & sshd=$!
    for _ in $(seq 100); do
        python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" \
            2>/dev/null && break
        sleep .1
    done
    awk -v p="$port" '{print "[127.0.0.1]:" p, $1, $2}' "$top/host.pub" \
        >"$HOME/.ssh/known_hosts"
    renders "a repository over SSH" \
        "ssh://root@127.0.0.1:$port$top/www/repo.git//sub/dir?ref=v1" one
    : >"$HOME/.ssh/known_hosts"
    rm -rf "$XDG_CACHE_HOME"
    refuses "a host that is not known" \
        "ssh://root@127.0.0.1:$port$top/www/repo.git//sub/dir?ref=v1" known
fi
echo "1..$n"
