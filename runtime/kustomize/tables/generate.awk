# Turns the tables beside it into C: awk -v table=NAME -f generate.awk FILE.
# The tables say what the reference's built-in data says; each C table is
# sorted for a binary search by the file that includes it.

BEGIN { FS = "\t"; fields = 0 }
/^#/ || /^$/ { next }
table == "scope" {
    printf "{%s, %s, %s},\n", text($1), text($2), \
        $3 == "cluster" ? "SCOPE_CLUSTER" : "SCOPE_NAMESPACE"
}
table == "schema" && $1 == "kind" { kind[++kinds] = $2 FS $3; def[kinds] = $4 }
table == "schema" && $1 == "field" { add_field() }
table == "fieldspecs" && $1 != "nameReference" { add_spec($1) }
table == "fieldspecs" && $1 == "nameReference" { add_reference() }
END {
    if (table == "schema") print_schema()
    if (table == "fieldspecs") print_specs()
}

function text(s, n) {
    if (s == "-") return "{0}"
    n = length(s)
    gsub(/\\/, "&&", s)
    return "{\"" s "\", " n "}"
}

# ---- merge keys: definitions are numbered in the order they come in ----
function number(name) {
    if (!(name in index_of)) {
        index_of[name] = ++defs
        name_of[defs] = name
    }
    return index_of[name]
}
function key_set(keys, n, part, i, s) {
    if (keys == "-") return 0
    if (!(keys in set_of)) {
        n = keys == "." ? 0 : split(keys, part, ",")
        s = "{" n ", {"
        for (i = 1; i <= n; i++) s = s (i > 1 ? ", " : "") text(part[i])
        if (!n) s = s "{0}"
        set_of[keys] = ++sets
        set_text[sets] = s "}}"
    }
    return set_of[keys]
}
function add_field(d) {
    d = number($2)
    # Fields of one definition stand together, sorted by name.
    if (!(d in first)) first[d] = fields
    count[d]++
    field_name[fields] = $3
    field_shape[fields] = "SCHEMA_" toupper($4)
    field_target[fields] = $5
    field_keys[fields++] = key_set($6)
}
function print_schema(i) {
    print "static const struct merge_keys key_sets[] = {\n{0},"
    for (i = 1; i <= sets; i++) print set_text[i] ","
    print "};\nstatic const struct field fields[] = {"
    for (i = 0; i < fields; i++)
        printf "{%s, %s, %d, %d},\n", text(field_name[i]), field_shape[i], \
            field_target[i] == "-" ? 0 : number(field_target[i]), field_keys[i]
    print "};\nstatic const struct definition definitions[] = {\n{0},"
    for (i = 1; i <= defs; i++)
        printf "{%d, %d}, /* %s */\n", first[i], count[i], name_of[i]
    print "};\nstatic const struct root roots[] = {"
    for (i = 1; i <= kinds; i++) {
        split(kind[i], part, FS)
        printf "{%s, %s, %d},\n", text(part[1]), text(part[2]), number(def[i])
    }
    print "};"
}

# ---- field specs: one array a set, name references grouped by target ----
function spec_text() {
    return "{" text($4) ", " text($5) ", " text($6) ", " text($7) ", " \
        ($3 == "create" ? "true" : "false") "},"
}
function add_spec(set) {
    if (!(set in spec)) set_name[++set_count] = set
    spec[set] = spec[set] spec_text() "\n"
    spec_n[set]++
}
function add_reference() {
    if (!($2 in ref)) target[++targets] = $2
    ref[$2] = ref[$2] spec_text() "\n"
    ref_n[$2]++
}
function print_specs(i, t, part) {
    for (i = 1; i <= set_count; i++)
        printf "static const struct fieldspec %s[] = {\n%s};\n", \
            set_name[i], spec[set_name[i]]
    for (i = 1; i <= targets; i++)
        printf "static const struct fieldspec reference_%d[] = {\n%s};\n", \
            i, ref[target[i]]
    print "static const struct backref references[] = {"
    for (i = 1; i <= targets; i++) {
        split(target[i], part, ",")
        printf "{%s, %s, %s, {reference_%d, %d}},\n", \
            text(part[1] == "" ? "-" : part[1]), \
            text(part[2] == "" ? "-" : part[2]), \
            text(part[3] == "" ? "-" : part[3]), i, ref_n[target[i]]
    }
    print "};"
}
