# make            build/release/pipec
# make demo       the example, deployed well and then badly, on this machine
# make check      every test, against the asan+ubsan build
# make lint       headers stand alone, layers hold, files and functions are short
# make differential   rendering of generated trees, beside the reference
# make bench      speed, beside real peers in the same run
# make coverage   build/coverage/: line coverage of the whole test run
# make fuzz       libFuzzer targets (needs clang); fuzz-one/NAME one of them;
#                 fuzz-regress needs no clang
# make install    PREFIX=/usr/local DESTDIR=
# MODE=debug|release|asan|coverage|fuzz picks a build; each has its own tree.

MODE   ?= release
B      := build/$(MODE)
PREFIX ?= /usr/local
VERSION := $(shell cat VERSION)
JOBS   ?= $(shell nproc)
Q      := $(if $(V),,@)

CSTD    := -std=c17 -D_GNU_SOURCE
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef \
           -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
           -Wwrite-strings -Wformat=2 -Wswitch-enum -Werror
# A file's strings stay with it: one that starts touches few pages of them.
TOGETHER       := $(if $(findstring clang,$(CC)),,-fno-merge-constants)
FLAGS_debug    := -O0 -g3
FLAGS_release  := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
                  -ffunction-sections $(TOGETHER) -DFAST_EXIT
FLAGS_asan     := -O1 -g -fsanitize=address,undefined \
                  -fno-sanitize-recover=all -fno-omit-frame-pointer \
                  -DARENA_DEBUG
FLAGS_coverage := -O0 -g3 --coverage
FLAGS_fuzz     := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
                  -fno-sanitize-recover=all
MODEFLAGS := $(FLAGS_$(MODE))
$(if $(MODEFLAGS),,$(error MODE=$(MODE) is not one of debug release asan coverage fuzz))

# A start of the program costs what it maps: small libraries are linked in,
# the large ones (curl, git2, archive) are loaded when first used.
STATIC_LIBS := lua5.4 yaml uv_a sqlite3 jansson yajl_s pcre2-8 expat crypto
CFLAGS_PKGS := lua5.4 yaml-0.1 libcurl libgit2 libarchive

# Mathematics comes from musl's archive, linked in: glibc's libm.so costs each
# start 14 page faults, and gives other last digits on other processors.
MUSL := /usr/lib/$(shell uname -m)-linux-musl/libc.a
MATH := build/libmath.a
MATH_MEMBERS := acos acosh asin asinh atan atan2 atanh ceil cos cosh exp fabs \
    floor fmax fmin fmod frexp ldexp llround log log10 log1p log2 lround pow \
    round sin sinh sqrt tan tanh trunc exp_data log_data log2_data pow_data \
    __cos __sin __tan __rem_pio2 __rem_pio2_large __expo2 expm1 scalbn \
    __math_oflow __math_uflow __math_invalid __math_divzero __math_xflow

# libcrypto looks at the processor before main, for which a start pays with
# more page faults; its own initialisation looks again, so that has to do.
CRYPTO := $(shell $(CC) -print-file-name=libcrypto.a)
CPUID  := build/cpuid.o
HASH   := build/hash.a

ALL_CFLAGS = $(CSTD) $(WARN) -fno-pie $(MODEFLAGS) -I. -I$(B)/gen \
             -DPIPEC_VERSION='"$(VERSION)"' $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
PKG_CFLAGS := $(shell pkg-config --cflags $(CFLAGS_PKGS))
ALL_LIBS   := -no-pie -Wl,--gc-sections -Wl,-z,noseparate-code $(MODEFLAGS) \
              $(LDFLAGS) $(CPUID) $(STATIC_LIBS:%=-l:lib%.a) \
              $(MATH) -Wl,--as-needed -lm -ldl -lpthread

# Sources are found, not listed: a new file needs no line here.
LIB_SRC  := $(sort $(wildcard base/*.c graph/*.c compiler/*.c runtime/*/*.c \
                              cli/*.c))
STDLIB   := stdlib/prelude.lua $(sort $(wildcard stdlib/*/*.lua))
GEN_OBJ  := $(B)/gen/stdlib_table.o $(B)/gen/statements_table.o
LIB_OBJ  := $(patsubst %.c,$(B)/%.o,$(filter-out cli/main.c,$(LIB_SRC))) \
            $(GEN_OBJ)
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
HEADERS  := $(sort $(wildcard base/*.h graph/*.h compiler/*.h runtime/*/*.h \
                              cli/*.h))
SCRIPTS  := $(sort $(wildcard tests/*/*.t))

all: $(B)/pipec

# What each start runs stands together, in front: every 64 KiB of the program
# that are touched are a page fault.
FRONT := $(filter $(B)/base/% $(B)/graph/% $(B)/compiler/%,$(LIB_OBJ)) \
         $(addprefix $(B)/cli/,command.o check.o project.o) \
         $(addprefix $(B)/runtime/,git/repo.o lua/probe.o lua/stdlib.o)
# So does what renders, with the YAML library and the hash behind it.
RENDER := $(B)/cli/render.o $(B)/cli/render_out.o $(B)/cli/option.o \
          $(filter $(B)/runtime/yaml/% $(B)/runtime/kustomize/%,$(LIB_OBJ))
$(B)/pipec: $(B)/cli/main.o $(FRONT) $(RENDER) $(GEN_OBJ) $(B)/libpipec.a \
            $(HASH) | $(MATH) $(CPUID)
	@echo '  LD   $@'
	$(Q)$(CC) -o $@ $(filter %.o,$^) -l:libyaml.a $(HASH) $(B)/libpipec.a \
	    $(ALL_LIBS)

$(CPUID): $(CRYPTO)
	@mkdir -p build
	$(Q)if ar p $< libcrypto-lib-x86_64cpuid.o >$@ 2>/dev/null; then \
	    objcopy --remove-section .init $@; \
	else echo | $(CC) -c -x c - -o $@; fi

$(HASH): $(CRYPTO) Makefile
	@mkdir -p build/hash
	$(Q)cd build/hash && ar x $< $$(ar t $< | \
	    grep -xE 'libcrypto-lib-sha256(-x86_64)?\.o') && \
	    rm -f ../$(@F) && ar rcs ../$(@F) *.o

$(MATH): $(MUSL) Makefile
	@mkdir -p build/math
	$(Q)cd build/math && ar x $< $$(ar t $< | grep -xE \
	    '($(subst $(eval) ,|,$(strip $(MATH_MEMBERS))))\.l?o') && \
	    rm -f ../$(@F) && ar rcs ../$(@F) *o

# Rebuilt from nothing, so that no object of a deleted file lingers in it.
$(B)/libpipec.a: $(LIB_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c $(B)/.flags
	@mkdir -p $(@D)
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# stdlib's Lua becomes bytecode and schemas inside the program.
$(B)/gen/stdlib_table.c: stdlib/embed.lua stdlib/schema_c.lua $(STDLIB)
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)lua5.4 stdlib/embed.lua $@ $(STDLIB)

$(B)/gen/statements_table.c: compiler/statements.lua stdlib/schema_c.lua
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)lua5.4 $< $@

$(B)/gen/%.o: $(B)/gen/%.c $(B)/.flags
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Kustomize's built-in data becomes C tables, included by who searches them.
TABLES    := scope schema fieldspecs
TABLE_DIR := runtime/kustomize/tables
TABLE_INC := $(TABLES:%=$(B)/gen/kustomize_%.inc)
$(B)/gen/kustomize_%.inc: $(TABLE_DIR)/%.tsv $(TABLE_DIR)/generate.awk
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)awk -v table=$* -f $(TABLE_DIR)/generate.awk $< > $@

$(LIB_OBJ): | $(TABLE_INC)

# Changed flags rebuild everything in this tree; unchanged ones, nothing.
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@echo "$(CC) $(subst ",,$(ALL_CFLAGS))" | cmp -s - $@ || \
	    echo "$(CC) $(subst ",,$(ALL_CFLAGS))" > $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- tests -------------------------------------------------------------

deps:
	tests/deps

demo:
	tests/deps demo
	$(MAKE) all
	PIPEC=$(abspath $(B)/pipec) examples/payments/demo/run build/demo

check: deps
	$(MAKE) MODE=asan test

test: $(B)/pipec $(UNIT_BIN) fuzz-regress
	PIPEC=$(abspath $(B)/pipec) MODE=$(MODE) CMOCKA_MESSAGE_OUTPUT=TAP \
	    tests/run --jobs $(JOBS) $(UNIT_BIN) tests/golden/run $(SCRIPTS)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libpipec.a | $(MATH) $(CPUID)
	$(Q)$(CC) -o $@ $^ $(ALL_LIBS) -lcmocka

# Needs kubectl 1.35 (kustomize 5.7.1); FROM and COUNT choose the seeds.
differential: $(B)/pipec
	PIPEC=$(abspath $(B)/pipec) tests/differential/run $(or $(FROM),1) \
	    $(or $(COUNT),200)

bench: all
	tests/deps
	PIPEC=$(abspath $(B)/pipec) tests/bench/run

golden-update: $(B)/pipec
	PIPEC=$(abspath $(B)/pipec) UPDATE=1 tests/golden/run

# Every corpus file through every target, with whatever compiler and mode.
fuzz-regress: $(FUZZ_SRC:tests/fuzz/%.c=$(B)/tests/fuzz/%)
	@for t in $^; do \
	    $$t tests/fuzz/corpus/$${t##*/fuzz_}/* >/dev/null || exit 1; done

$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o \
                        $(B)/libpipec.a | $(MATH) $(CPUID)
	$(Q)$(CC) $(TRACE) -o $@ $^ $(ALL_LIBS)

# Of one target, with what it needs only: FUZZ_TAKES, names of object files.
fuzz-one/%:
	tests/fuzz/one $*
build/fuzz/one/%: build/fuzz/tests/fuzz/%.o \
        $(foreach o,$(FUZZ_TAKES),$(filter %/$o,$(LIB_OBJ))) | $(MATH) $(CPUID)
	@mkdir -p $(@D)
	$(Q)rm -f $@.a && $(AR) rcs $@.a $(filter-out $<,$^)
	$(Q)$(CC) -fsanitize=fuzzer -o $@ $< $@.a $(ALL_LIBS)

fuzz:
	$(MAKE) MODE=fuzz CC=clang fuzzers
fuzzers: $(FUZZ_SRC:tests/fuzz/%.c=build/fuzz/bin/%)
build/fuzz/bin/%: build/fuzz/tests/fuzz/%.o build/fuzz/libpipec.a | $(MATH) $(CPUID)
	@mkdir -p $(@D)
	$(CC) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

# ---- checks of the source itself ----------------------------------------

lint: $(HEADERS:%=lint-header/%)
	tests/lint/layers
	tests/lint/sizes
	tests/lint/banned

lint-header/%: % $(B)/.flags
	@printf '#include "$<"\n#include "$<"\n' | \
	    $(CC) $(ALL_CFLAGS) -fsyntax-only -x c -

coverage:
	$(MAKE) MODE=coverage test
	@mkdir -p build/coverage/report
	gcovr --root . --object-directory build/coverage --exclude tests/ \
	    --html-details build/coverage/report/index.html --print-summary

# No flag holds a space or a quote, so a command is its own JSON string.
compile_commands.json: Makefile $(LIB_SRC)
	@for f in $(LIB_SRC); do \
	    echo "{\"directory\":\"$(CURDIR)\",\"file\":\"$$f\"," \
	         "\"command\":\"$(CC) $(subst ",,$(ALL_CFLAGS)) -c $$f\"}"; \
	done | sed '1s/^/[/; $$!s/$$/,/; $$s/$$/]/' > $@

# ---- the rest ------------------------------------------------------------

man: $(B)/pipec.1
$(B)/pipec.1: $(B)/pipec man/generate man/head.mdoc man/tail.mdoc
	@echo '  MAN  $@'
	$(Q)PIPEC=$(abspath $(B)/pipec) man/generate > $@

install: $(B)/pipec $(B)/pipec.1
	install -D -m 755 $(B)/pipec $(DESTDIR)$(PREFIX)/bin/pipec
	install -D -m 644 $(B)/pipec.1 $(DESTDIR)$(PREFIX)/share/man/man1/pipec.1

clean:
	rm -rf build compile_commands.json

FORCE:
.PHONY: all deps demo bench differential check test golden-update fuzz fuzz-regress fuzzers lint \
        coverage man install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
