# A thousand distinct queries of a server, as a rollout's analyses make them.
lib=$(dirname "$PIPEC")/libpipec.a
cc -std=c17 -D_GNU_SOURCE -DPIPEC_VERSION='"bench"' -O2 -I"$root" -no-pie -o http "$here/http.c" "$lib" -l:libjansson.a -lcurl -lm -ldl -lpthread
port=$("$root/tests/support/free-port")
cat >nginx.conf <<END
daemon off; worker_processes 1; pid $PWD/pid; error_log $PWD/err warn;
events { worker_connections 256; }
http {
  access_log off; keepalive_requests 1000000;
  client_body_temp_path $PWD/b; proxy_temp_path $PWD/p;
  fastcgi_temp_path $PWD/f; uwsgi_temp_path $PWD/u; scgi_temp_path $PWD/s;
  server { listen 127.0.0.1:$port; default_type application/json;
    location / { return 200 '{"q":"\$arg_q"}'; } }
}
END
nginx -e err -c "$PWD/nginx.conf" &
nginx=$!
for _ in $(seq 100); do curl -sf "http://127.0.0.1:$port/" >/dev/null && break; sleep 0.05; done
./http "1000 queries, 10 at once / bare curl loop" 0.75 "http://127.0.0.1:$port/" || over=$((over + 1))
kill $nginx
wait $nginx
