local scanner = pipec.scanner "hadolint" {
  doc = "Hadolint: weak Dockerfiles.",
  args = { { "file", "path", optional = true, default = "Dockerfile" } },
  fields = { ["fail-on"] = { "symbol(never|note|warning|error)" } },
  effects = { "exec" },
}

function scanner.scan(s, ctx)
  return pipec.lib("tool").scan("hadolint", { "hadolint", "--format", "sarif",
                                              s.file }, ctx)
end

return scanner
