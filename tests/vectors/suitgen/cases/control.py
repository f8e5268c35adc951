# SPDX-License-Identifier: Apache-2.0
"""Flow of control: try-each, run-sequence, selections, soft failure, strict order, abort, and what may stand where."""
from ..case import CONFIG, FW, OLD, URI, URI_2, about, case, component, refused, shared, usual
from ..suit import Envelope, digest, do, index, override, run, try_each

FETCHED = ["install fetch 0", "install image-match 0", "validate image-match 0"]
PAIR = [[b"\x00"], [b"\x01"]]
TRIO = [[b"\x00"], [b"\x01"], [b"\x02"]]


def one(*install, validate=(do("image-match"),), more=(), **values):
    return Envelope(shared=[*shared(**(values or about())), *more], members={"install": list(install), "validate": list(validate)})


FETCH = (override(uri=URI), do("fetch"))

case("index-true", "set-component-index true selects all components", "manifest 8.4.10.1",
     Envelope(components=PAIR, shared=[index(True), *shared(**about())],
              members={"install": [index(True), override(uri=URI), do("fetch"), do("image-match")], "validate": [index(True), do("image-match")]}),
     components=[component(0), component(1)], after={0: FW, 1: FW},
     trace=["install fetch 0", "install fetch 1", "install image-match 0", "install image-match 1", "validate image-match 0", "validate image-match 1"])
case("index-list", "set-component-index with a list selects those of the list", "manifest 8.4.10.1",
     Envelope(components=TRIO, shared=[index(True), *shared(**about())],
              members={"install": [index([0, 2]), override(uri=URI), do("fetch")], "validate": [index([0, 2]), do("image-match")]}),
     components=[component(0), component(1, OLD), component(2)], after={0: FW, 2: FW},
     trace=["install fetch 0", "install fetch 2", "validate image-match 0", "validate image-match 2"])
case("index-list-try-each", "try-each is run once for each component of a list", "manifest 6.5, 8.4.10.2",
     Envelope(components=TRIO, shared=[index(True), *shared(**about())],
              members={"install": [index([0, 1, 2]), try_each([do("image-match")], [override(uri=URI), do("fetch"), do("image-match")])],
                       "validate": [index(True), do("image-match")]}),
     components=[component(0, OLD), component(1, FW), component(2, OLD)], after={0: FW, 2: FW},
     trace=["install image-match 0 failed", "install fetch 0", "install image-match 0 #1", "install image-match 1", "install image-match 2 failed",
            "install fetch 2", "install image-match 2 #1", "validate image-match 0", "validate image-match 1", "validate image-match 2"])
case("index-list-run-sequence", "run-sequence is run once for each component of a list", "manifest 6.5, 8.4.10.10",
     Envelope(components=PAIR, shared=[index(True), *shared(**about())],
              members={"install": [index([0, 1]), run(override(uri=URI), do("fetch"), do("image-match"))], "validate": [index(True), do("image-match")]}),
     components=[component(0), component(1)], after={0: FW, 1: FW},
     trace=["install fetch 0", "install image-match 0", "install fetch 1", "install image-match 1", "validate image-match 0", "validate image-match 1"])
refused("index-missing", "with two components, nothing is selected at the start of a sequence", "manifest 6.2, 8.4.10.1",
        Envelope(components=PAIR, shared=[index(True), *shared(**about())], members={"install": [*FETCH], "validate": [index(True), do("image-match")]}),
        6, "ComponentIndexInvalid", components=[component(0, OLD), component(1, OLD)])
refused("index-beyond", "an index beyond the components", "manifest 8.4.10.1",
        Envelope(components=PAIR, shared=[index(True), *shared(**about())], members={"install": [index(2), *FETCH], "validate": [index(True), do("image-match")]}),
        6, "ComponentIndexInvalid", components=[component(0, OLD), component(1, OLD)])
refused("index-beyond-in-list", "an index beyond the components in a list", "manifest 8.4.10.1",
        Envelope(components=TRIO, shared=[index(True), *shared(**about())], members={"install": [index([0, 3]), *FETCH], "validate": [index(True), do("image-match")]}),
        6, "ComponentIndexInvalid", components=[component(0, OLD), component(1, OLD), component(2, OLD)], after={0: None})
case("try-each-first", "the first branch that holds is the last that is run", "manifest 8.4.10.2",
     one(try_each([*FETCH, do("image-match")], [do("abort")])), trace=["install fetch 0", "install image-match 0", "validate image-match 0"], after={0: FW})
case("try-each-second", "a branch that fails leads to the next", "manifest 8.4.10.2", one(try_each([do("abort")], [*FETCH])),
     trace=["install abort 0 failed", "install fetch 0", "validate image-match 0"], after={0: FW}, needs=["abort"])
case("try-each-nil", "with nil at its end, try-each holds when no branch does", "manifest 8.4.10.2",
     one(try_each([override(slot=9), do("slot"), do("abort")], None), *FETCH), trace=["install slot 0 failed", "install fetch 0", "validate image-match 0"], after={0: FW})
refused("try-each-exhausted", "try-each fails when no branch holds", "manifest 8.4.10.2", one(try_each([do("abort")], [override(slot=9), do("slot")]), *FETCH),
        10, "TryEachExhausted", needs=["abort"])
refused("try-each-in-try-each", "a try-each that is exhausted is a directive that fails, also inside a branch", "manifest 6.4, 8.4.10.2",
        one(try_each([try_each([do("abort")], [override(slot=9), do("slot")])], [*FETCH])), 10, "TryEachExhausted", needs=["abort"])
case("try-each-nil-in-branch", "a nil branch inside a branch", "manifest 8.4.10.2",
     one(try_each([try_each([do("abort")], None), *FETCH], [do("abort")])), trace=["install abort 0 failed", "install fetch 0", "validate image-match 0"],
     after={0: FW}, needs=["abort"])
refused("directive-fails-in-try-each", "a directive that fails ends the procedure, also inside a branch", "manifest 6.4, 8.4.10.2",
        one(try_each([override(uri="http://updates.tailor.example/gone"), do("fetch")], [*FETCH])), 11, "PayloadUnavailable",
        trace=["install fetch 0 failed"], after={0: None})
case("run-sequence", "a sequence inside a sequence", "manifest 8.4.10.10", one(run(*FETCH, do("image-match"))), trace=FETCHED, after={0: FW})
refused("run-sequence-fails", "a condition that fails inside a sequence ends the procedure", "manifest 8.4.10.10", one(*FETCH, run(do("abort"))), 10, "ManifestAborted",
        trace=["install fetch 0", "install abort 0 failed"], after={0: None}, needs=["abort"])
case("soft-failure", "a soft failure ends only the sequence in which it happens", "manifest 8.4.8.12",
     one(run(override(soft_failure=True), do("abort"), override(uri=URI_2), do("fetch")), *FETCH),
     trace=["install abort 0 failed", "install fetch 0 #1", "validate image-match 0"], after={0: FW}, needs=["abort"])
refused("soft-failure-ends", "soft failure is forgotten when its sequence ends", "manifest 8.4.8.12",
        one(run(override(soft_failure=True), do("image-match")), do("image-match"), *FETCH), 10, "ImageDigestMismatch",
        trace=["install image-match 0 failed", "install image-match 0 #1 failed"])
refused("soft-failure-off-in-try-each", "a branch may turn soft failure off", "manifest 8.4.8.12, 8.4.10.2",
        one(try_each([override(soft_failure=False), do("abort")], [*FETCH])), 10, "ManifestAborted", trace=["install abort 0 failed"], needs=["abort"])
refused("soft-failure-outside", "soft failure outside of try-each and run-sequence", "manifest 8.4.8.12", one(override(soft_failure=True), do("abort"), *FETCH),
        [5, 8, 10, 11], trace=[])
case("strict-order-false", "order may be given up between barriers", "manifest 6.7, 8.4.8.11",
     Envelope(components=PAIR, shared=[index(0), *shared(**about(FW)), index(1), *shared(**about(CONFIG))],
              members={"install": [index(True), override(strict_order=False), index(0), override(uri=URI), do("fetch"), index(1), override(uri=URI_2), do("fetch"),
                                   override(strict_order=True), index(True), do("image-match")], "validate": [index(True), do("image-match")]}),
     components=[component(0), component(1)], payloads={URI: FW, URI_2: CONFIG}, after={0: FW, 1: CONFIG}, needs=["strict-order"])
def free(*install, more=()):
    """Two components, and an install section in which order is free."""
    return Envelope(components=PAIR, shared=[index(0), *shared(**about(FW)), index(1), *shared(**about(CONFIG))],
                    members={"install": [index(0), override(strict_order=False), *install, override(strict_order=True), index(True), do("image-match"), *more],
                             "validate": [index(True), do("image-match")]})


ORDER = {"components": [component(0), component(1)], "payloads": {URI: FW, URI_2: CONFIG}, "needs": ["strict-order"]}
FETCH_0, FETCH_1 = [index(0), override(uri=URI), do("fetch")], [index(1), override(uri=URI_2), do("fetch")]
case("strict-order-false-sequences", "sequences that may run beside each other", "manifest 6.7, 8.4.10.10", free(run(*FETCH_0), run(*FETCH_1)), after={0: FW, 1: CONFIG}, **ORDER)
case("strict-order-false-sequence-is-strict", "inside such a sequence order counts: a component may be target and then source", "manifest 6.7",
     Envelope(components=PAIR, shared=[index(True), *shared(**about(FW))],
              members={"install": [index(0), override(strict_order=False), run(index(0), override(uri=URI), do("fetch"), do("image-match")), override(strict_order=True),
                                   index(1), override(source=0), do("copy"), do("image-match")], "validate": [index(True), do("image-match")]}),
     after={0: FW, 1: FW}, **ORDER)
case("strict-order-false-list", "one such sequence for each component of a list", "manifest 6.7",
     Envelope(components=PAIR, shared=[index(True), *shared(**about(FW))],
              members={"install": [index([0, 1]), override(strict_order=False), run(override(uri=URI), do("fetch"), do("image-match"))],
                       "validate": [index(True), do("image-match")]}), after={0: FW, 1: FW}, **ORDER)
for name, title, inner in (("without-index", "a sequence that does not say first which component it works on", [override(uri=URI), do("fetch")]),
                           ("second-index", "a sequence that selects a component twice", [*FETCH_0, *FETCH_1]),
                           ("index-inside", "a sequence that selects a component in a sequence of its own", [*FETCH_0, run(*FETCH_1)])):
    refused(f"strict-order-false-{name}", f"where order is free: {title}", "manifest 6.7", free(run(*inner)), [5, 10, 11], "CommandNotAllowed",
            after={0: None, 1: None}, **ORDER)
refused("strict-order-false-list-index", "where order is free and a list is selected, a sequence does not select", "manifest 6.7",
        Envelope(components=PAIR, shared=[index(True), *shared(**about(FW))],
                 members={"install": [index([0, 1]), override(strict_order=False), run(index(0), override(uri=URI), do("fetch"))],
                          "validate": [index(True), do("image-match")]}), [5, 10, 11], "CommandNotAllowed", after={0: None, 1: None}, **ORDER)
refused("strict-order-false-target-and-source", "where order is free a component is not target and source", "manifest 6.7",
        free(override(uri=URI), do("fetch"), index(1), override(source=0), do("copy")), [5, 10, 11], "CommandNotAllowed", after={0: None, 1: None}, **ORDER)
refused("strict-order-no-bool", "strict order is a boolean", "manifest 8.4.8.11", one(override(strict_order=0), *FETCH), [1, 8], trace=[])
refused("abort", "abort fails", "manifest 8.4.9.8", one(do("abort"), *FETCH), 10, "ManifestAborted", trace=["install abort 0 failed"], needs=["abort"])
refused("command-unknown", "a command that nobody defined", "manifest 6.3", one((200, 15), *FETCH), 5, "CommandUnsupported", trace=[])
refused("command-custom", "a custom command of another vendor", "manifest 8.4.10.12", one((-300, b"\x01"), *FETCH), 5, "CommandUnsupported", trace=[])
refused("command-reserved-negative", "a negative command that is not custom", "manifest 8.4.10.12", one((-1, b"\x01"), *FETCH), 5, "CommandUnsupported", trace=[])
refused("command-custom-in-shared", "a custom command in the shared sequence", "manifest 8.4.10.12",
        Envelope(shared=[*shared(**about()), (-300, b"\x01")], members=usual()), 5, trace=[])
refused("parameter-unknown", "a parameter that nobody defined", "manifest 6.3", one((20, {200: 1}), *FETCH), 8, "ParameterUnsupported", trace=[])
refused("parameter-custom", "a custom parameter of another vendor", "manifest 8.4.8.16", one((20, {-300: 1}), *FETCH), 8, "ParameterUnsupported", trace=[])
for directive in ("fetch", "write", "copy", "invoke"):
    refused(f"{directive}-in-shared", f"{directive} in the shared sequence", "manifest 8.4.5.2",
            Envelope(shared=[*shared(**about()), override(uri=URI, content=b"x", source=0), do(directive)], members=usual()), 5, "CommandNotAllowed", trace=[])
refused("fetch-without-uri", "fetch needs a URI", "manifest 8.4.10.4", one(do("fetch")), 10, "ParameterMissing", trace=["install fetch 0 failed"])
refused("copy-without-source", "copy needs a source", "manifest 8.4.10.6", one(do("copy")), 10, "ParameterMissing", trace=["install copy 0 failed"])
refused("write-without-content", "write needs content", "manifest 8.4.10.5", one(do("write")), 10, "ParameterMissing", trace=["install write 0 failed"])
refused("image-match-without-digest", "a condition fails without its parameter", "manifest 8.4.9.4",
        Envelope(shared=shared(), members=usual()), 10, trace=["install fetch 0", "install image-match 0 failed"], after={0: None})
refused("vendor-without-parameter", "a condition fails without its parameter", "manifest 8.4.9.2", Envelope(shared=[do("vendor")], members=usual()), 10, trace=[])
refused("nested-beyond-every-limit", "sequences nest deeper than any device follows", "manifest 6.4",
        one(run(run(run(run(run(run(run(run(run(run(run(run(*FETCH))))))))))))), [1, 11], trace=[])
case("two-branches-deep", "parameters that a branch sets stay set", "manifest 6.5",
     one(try_each([override(digest=digest(CONFIG)), do("abort")], [override(uri=URI, digest=digest(FW)), do("fetch")])),
     trace=["install abort 0 failed", "install fetch 0", "validate image-match 0"], after={0: FW}, needs=["abort"])
case("command-custom-holds", "a custom condition that the device knows", "manifest 8.4.11", one((-300, b"\x01"), *FETCH), custom={"-300": "yes"}, needs=["custom-commands"],
     trace=["install fetch 0", "validate image-match 0"], after={0: FW})
refused("command-custom-fails", "a custom condition that does not hold", "manifest 8.4.11", one((-300, b"\x01"), *FETCH), 10, custom={"-300": "no"}, needs=["custom-commands"])
refused("command-custom-in-shared-known", "a custom command that the device knows, in the shared sequence", "manifest 8.4.11",
        Envelope(shared=[*shared(**about()), (-300, b"\x01")], members=usual()), 5, custom={"-300": "yes"}, needs=["custom-commands"], trace=[])
refused("command-of-256", "-256 is no custom command", "manifest 8.4.11, IANA", one((-256, b"\x01"), *FETCH), 5, "CommandUnsupported", custom={"-256": "yes"}, trace=[])
