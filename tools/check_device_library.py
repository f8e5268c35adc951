#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what the device library would pull into a firmware, by reading its object files.

Every symbol that an object needs must be defined in one of the libraries or be on the short list below: no heap, no
exceptions and unwinding, no RTTI, no static constructors, no threads, no stdio, no test code. `--self-test --cxx COMPILER`
proves that each of these is caught.

usage: check_device_library.py [--nm NM] [--readelf READELF] LIBRARY.a...
"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What a firmware provides anyway: the compiler's own helpers and the memory functions that it may call by itself.
ALLOWED = re.compile(
    r"^(memcpy|memmove|memset|memcmp|memchr|strlen|abort|__stack_chk_fail|__stack_chk_guard|_GLOBAL_OFFSET_TABLE_"
    r"|__cxa_pure_virtual"  # the vtables of interfaces name it; it is a trap
    r"|__aeabi_(u?idiv(mod)?|u?ldivmod|l(mul|lsl|lsr|asr)|u?lcmp|mem(cpy|set|move|clr)[48]?)"
    r"|__gnu_thumb1_case_\w+|__(u?div|u?mod|mul|ashl|lshr|ashr)[dst]i3|__popcount[sd]i2|__c[lt]z[sd]i2|__bswap[sd]i2"
    r"|__aarch\w+|__atomic_\w+)$")

# Libraries that are glue to Mbed TLS may name its functions; its configuration has a static pool for a heap.
# libsodium (on devices with an operating system) takes no memory for the functions named here.
GLUE = re.compile(r"crypto_psa|crypto_small|crypto_sodium|dtls|x509|mbedtls")
GLUE_ALLOWED = re.compile(r"^(mbedtls_|psa_|p256_ecdsa_verify$|sodium_init$|crypto_(sign_ed25519|scalarmult_curve25519)_?)")

# Why a symbol is not wanted, for the message. Also found among defined symbols: RTTI, static constructors, test code.
KINDS = [
    ("heap", re.compile(r"^(malloc|calloc|realloc|free|aligned_alloc|posix_memalign|_Zn[wa][mj]|_Zd[la]Pv)")),
    ("exceptions", re.compile(r"^(_Unwind_|__cxa_(throw|rethrow|begin_catch|end_catch|allocate_exception|get_exception)"
                              r"|__gxx_personality|__aeabi_unwind|_ZSt\d+__throw|_ZSt9terminate)")),
    ("rtti", re.compile(r"^(_ZTI|_ZTS|_ZTVN10__cxxabiv1|__dynamic_cast)")),
    ("static constructors", re.compile(r"^(__cxa_atexit|__cxa_guard|__dso_handle|_GLOBAL__sub_I_|_ZGV)")),
    ("threads", re.compile(r"^(pthread_|_ZNSt6thread|__gthread)")),
    ("stdio", re.compile(r"^(v?s?n?printf|fprintf|puts|fputs|fwrite|fopen|putchar|_ZNSo|_ZSt4cout|_ZNSt8ios_base)")),
    ("test code", re.compile(r"^_ZNK?(7testing|6tailor7testing)")),
]
CONSTRUCTOR_SECTION = re.compile(r"\.(init_array|ctors|preinit_array)\b")


def kind_of(symbol):
    return next((kind for kind, pattern in KINDS if pattern.search(symbol)), None)


def output_of(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def symbols(nm, library, defined):
    """Pairs of (object, symbol)."""
    found = []
    option = "--defined-only" if defined else "--undefined-only"
    for line in output_of([nm, "-A", "-P", option, str(library)]).splitlines():
        match = re.match(r"^.*\[(.+)\]: (\S+)", line)
        if match:
            found.append(match.groups())
    return found


def check(nm, readelf, libraries):
    problems = []
    defined = {library: symbols(nm, library, True) for library in libraries}
    provided = {symbol for pairs in defined.values() for _, symbol in pairs}
    for library in libraries:
        glue = GLUE.search(Path(library).name)
        for obj, symbol in symbols(nm, library, False):
            kind = kind_of(symbol)
            allowed = symbol in provided or ALLOWED.search(symbol) or (glue and GLUE_ALLOWED.search(symbol))
            if kind or not allowed:
                problems.append(f"{Path(library).name}({obj}): needs {symbol}: {kind or 'not part of the device library'}")
        for obj, symbol in defined[library]:
            kind = kind_of(symbol)
            if kind in ("rtti", "static constructors", "test code", "heap"):
                problems.append(f"{Path(library).name}({obj}): defines {symbol}: {kind}")
        for line in output_of([readelf, "-S", "-W", str(library)]).splitlines():
            if CONSTRUCTOR_SECTION.search(line):
                problems.append(f"{Path(library).name}: has a section of static constructors: {line.strip()}")
    return sorted(set(problems))


SELF_TEST = [
    ("heap", "int* make() { return new int(1); }"),
    ("heap", "#include <cstdlib>\nvoid* make() { return std::malloc(4); }"),
    ("heap", "struct A { virtual ~A(); virtual void f(); }; A::~A() {} void A::f() {}"),
    ("exceptions", "void f() { throw 1; }"),
    ("exceptions", "#include <array>\nint f(std::array<int, 3>& a, unsigned i) { return a.at(i); }"),
    ("rtti", "struct A { virtual void f(); }; void A::f() {}"),
    ("static constructors", "int f(); int x = f();"),
    ("static constructors", "int g(); int f() { static int x = g(); return x; }"),
    ("threads", "#include <pthread.h>\nvoid f(pthread_mutex_t* m) { pthread_mutex_lock(m); }"),
    ("stdio", "#include <cstdio>\nvoid f() { std::puts(\"x\"); }"),
    ("test code", "namespace tailor::testing { void f(); } void g() { tailor::testing::f(); }"),
    ("not part of the device library", "void elsewhere(); void f() { elsewhere(); }"),
    (None, "#include <cstring>\nvoid f(char* a, const char* b) { std::memcpy(a, b, 999); }"),
]


def self_test(nm, readelf, compiler):
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        for number, (kind, source) in enumerate(SELF_TEST):
            path = Path(directory) / f"case{number}"
            path.with_suffix(".cpp").write_text(source + "\n")
            flags = [] if kind in ("exceptions", "rtti", "static constructors") else ["-fno-exceptions", "-fno-rtti"]
            subprocess.run([compiler, "-std=c++20", "-O1", *flags, "-c", f"{path}.cpp", "-o", f"{path}.o"], check=True)
            subprocess.run(["ar", "rc", f"{path}.a", f"{path}.o"], check=True)
            problems = check(nm, readelf, [f"{path}.a"])
            caught = any(problem.endswith(kind) or kind in problem for problem in problems) if kind else not problems
            if not caught:
                failures += 1
                print(f"self-test: {kind or 'clean code'}: {source!r} gave {problems}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--readelf", default="readelf")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("libraries", nargs="*")
    options = parser.parse_args()
    if options.self_test:
        return 1 if self_test(options.nm, options.readelf, options.cxx) else 0
    if not options.libraries:
        parser.error("no library named: a check of nothing proves nothing")
    problems = check(options.nm, options.readelf, options.libraries)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
