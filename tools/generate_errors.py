#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes include/tailor/error.h and docs/errors.md from core/base/errors.def, the one list of errors.

Without arguments it writes both; with --check it fails when either is not what it would write.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "core/base/errors.def"
ROW = re.compile(r'^TAILOR_ERROR\((\d+), (\w+), (\w+), (\d+), (\d+), (\d+), "(.*)"\)$')
SUIT_REASONS = ["ok", "CBOR parse", "COSE unsupported", "algorithm unsupported", "unauthorized", "command unsupported",
                "component unsupported", "component unauthorized", "parameter unsupported", "severing unsupported",
                "condition failed", "operation failed", "invoke pending"]


def rows():
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        if not line.startswith("TAILOR_ERROR("):
            continue
        match = ROW.match(line)
        if match is None:
            sys.exit(f"{LIST}:{number}: not a row")
        yield match.groups()


def enumerator(name):
    return "TAILOR_ERROR_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def header():
    out = ["/* SPDX-License-Identifier: Apache-2.0 */",
           "/* What can go wrong, as C sees it. Generated from core/base/errors.def by tools/generate_errors.py: do not edit.",
           " * Numbers are stable: devices store and report them. docs/errors.md has the table. */",
           "#ifndef TAILOR_ERROR_H", "#define TAILOR_ERROR_H", "",
           "#ifdef __cplusplus", 'extern "C" {', "#endif", "",
           "/* clang-format off */", "typedef enum tailor_error {", "  TAILOR_OK = 0,"]
    entries = [(enumerator(name), code, text) for code, name, _, _, _, _, text in rows()]
    for index, (name, code, text) in enumerate(entries):
        comma = "," if index + 1 < len(entries) else ""
        out.append(f"  {name} = {code}{comma} /* {text} */")
    out += ["} tailor_error_t;", "/* clang-format on */", "",
            '/* The name as in errors.def, e.g. "SignatureInvalid"; "Ok" for TAILOR_OK. Never null, never freed. */',
            "const char* tailor_error_name(tailor_error_t error);",
            "/* One line of English; empty for TAILOR_OK. */",
            "const char* tailor_error_meaning(tailor_error_t error);", "",
            "#ifdef __cplusplus", "}", "#endif", "", "#endif", ""]
    return "\n".join(out)


def document():
    out = ["# Errors", "",
           "One meaning, one code. Generated from `core/base/errors.def` by `tools/generate_errors.py`: do not edit.", "",
           "The class says what may be done: *Malformed* the input breaks its format; *Unauthentic* a signature, digest, certificate or token",
           "fails; *Policy* well-formed and authentic, not allowed; *Resource* memory, storage or a limit is used up; *Transient* may succeed",
           "when tried again; *Port* hardware or operating system failed.", "",
           "| code | name | class | meaning | SUIT report reason | CoAP | HTTP |", "| ---: | --- | --- | --- | --- | --- | --- |"]
    for code, name, error_class, suit, coap, http, text in rows():
        out.append(f"| {code} | {name} | {error_class} | {text} | {suit} {SUIT_REASONS[int(suit)]} | {coap[0]}.{coap[1:]} | {http} |")
    return "\n".join(out) + "\n"


def main():
    stale = []
    for path, text in [(ROOT / "include/tailor/error.h", header()), (ROOT / "docs/errors.md", document())]:
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
    for path in stale:
        print(f"{path} is not current: run tools/generate_errors.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
