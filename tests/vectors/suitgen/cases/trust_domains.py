# SPDX-License-Identifier: Apache-2.0
"""Trust domains: dependencies, who wins over parameters, references and unlink."""
from .. import keys
from ..case import CONFIG, FW, OLD, URI, URI_2, about, case, component, ids, refused, shared, trusted, usual
from ..suit import Envelope, do, index, override, set_unset, try_each

NEEDS = ["trust-domains"]
DEP_URI = "http://updates.tailor.example/bulb.suit"
DEP = (b"dep",)
BOTH = [[b"\x01"], list(DEP)]


def dependency(**more):
    return Envelope(**{"shared": shared(**about()), "members": usual(), **more})


DEPENDENCY = dependency()
STATE = [component(0, OLD), component(1), component(DEP)]


def known(envelope, **more):
    """Shared sequence of a dependent: who it is for, what its own component and the dependency are."""
    return [index(True), *shared(), index(0), override(**about(CONFIG)), index(1), override(digest=envelope.digest, **more)]


def dependent(envelope, uri=DEP_URI, integrity=True, resolve=None, install=(), validate=(), **more):
    check = [do("dependency-integrity")] if integrity else []
    own = [index(0), override(content=CONFIG), do("write"), do("image-match")]
    members = {"dependency-resolution": [index(1), override(uri=uri), do("fetch"), *check] if resolve is None else resolve,
               "install": [*install, index(1), *check, do("process-dependency"), *own],
               "validate": [*validate, index(1), *check, do("process-dependency"), index(0), do("image-match")]}
    return Envelope(**{"components": BOTH, "dependencies": {1: None}, "shared": known(envelope), "members": members, **more})


TRACE = ["dependency-resolution fetch 1", "dependency-resolution dependency-integrity 1", "install dependency-integrity 1", "[1] install fetch 0", "[1] install image-match 0",
         "install process-dependency 1", "install write 0", "install image-match 0", "validate dependency-integrity 1", "[1] validate image-match 0",
         "validate process-dependency 1", "validate image-match 0"]
AFTER = {0: FW, 1: CONFIG, 2: DEPENDENCY.bytes}
HAVE = {DEP_URI: DEPENDENCY.bytes, URI: FW}


def holds(name, title, clause, envelope, **more):
    case(name, title, clause, envelope, **{"components": STATE, "payloads": HAVE, "needs": NEEDS, "after": AFTER, "tree": {(1,): DEPENDENCY}, **more})


def fails(name, title, clause, envelope, reason, error=None, **more):
    refused(name, title, clause, envelope, reason, error, **{"components": STATE, "payloads": HAVE, "needs": NEEDS, "tree": {(1,): DEPENDENCY},
                                                             "after": {2: DEPENDENCY.bytes}, **more})


holds("dependency", "a dependency is fetched, checked and processed section by section", "trust-domains 5, 6", dependent(DEPENDENCY), trace=TRACE)
holds("dependency-in-the-envelope", "the dependency travels in the envelope", "trust-domains 5.2", dependent(DEPENDENCY, uri="#dep", payloads={"#dep": DEPENDENCY.bytes}),
      payloads={URI: FW}, trace=TRACE)
holds("dependency-index-beyond", "the dependency's index lies beyond the components, with the switch for it", "trust-domains 5.3",
      dependent(DEPENDENCY, components=[[b"\x01"]], dependencies={1: DEP}), leniency=["index-beyond-components"], trace=TRACE)
fails("dependency-index-beyond-strict", "the dependency's index lies beyond the components", "trust-domains 5.3",
      dependent(DEPENDENCY, components=[[b"\x01"]], dependencies={1: DEP}), [1, 6], trace=[], after={})
holds("dependency-without-integrity-check", "process-dependency without dependency-integrity, with the switch for it", "trust-domains 5.7.4",
      dependent(DEPENDENCY, integrity=False), leniency=["missing-dependency-integrity"])
fails("dependency-without-integrity-check-strict", "process-dependency without dependency-integrity", "trust-domains 5.7.4", dependent(DEPENDENCY, integrity=False), [6, 10],
      trace=["dependency-resolution fetch 1", "install process-dependency 1 failed"])
fails("dependency-prefix", "a prefix that renames the components of the dependency, for a recipient that cannot", "trust-domains 5.2.2",
      dependent(DEPENDENCY, dependencies={1: (b"slot",)}), [1, 6, 8, 9], trace=[], after={}, needs=NEEDS + ["no-dependency-prefix"])
for name, title, metadata in (("empty", "a prefix without parts", {1: []}), ("no-identifier", "a prefix that is no component identifier", {1: b"slot"}),
                              ("beside-metadata", "metadata of a dependency that nobody defined", {2: [b"slot"]})):
    fails(f"dependency-prefix-{name}", title, "trust-domains 5.2", dependent(DEPENDENCY, common_dependencies={1: metadata}), [1, 6, 8, 9], trace=[], after={})
OTHER = dependency(sequence_number=2)
fails("dependency-of-another-digest", "the dependency is not the one that was named", "trust-domains 5.7.3", dependent(DEPENDENCY), 10, "ImageDigestMismatch",
      payloads={DEP_URI: OTHER.bytes, URI: FW}, after={2: None}, trace=["dependency-resolution fetch 1", "dependency-resolution dependency-integrity 1 failed"])
for name, title, bad in (("unsigned", "the dependency is not signed", dependency(signers=[])), ("signed-by-a-stranger", "the dependency is signed by somebody unknown", dependency(signers=[keys.STRANGER]))):
    fails(f"dependency-{name}", title, "trust-domains 5.7.3", dependent(bad), 4, payloads={DEP_URI: bad.bytes, URI: FW}, after={2: None})
fails("dependency-cut", "the dependency ends early", "trust-domains 5.7.3", dependent(DEPENDENCY), [1, 4, 10], payloads={DEP_URI: DEPENDENCY.bytes[:-1], URI: FW}, after={2: None})
fails("dependency-that-is-no-envelope", "the dependency is an image", "trust-domains 5.7.3", dependent(DEPENDENCY), [1, 4, 10], payloads={DEP_URI: FW, URI: FW}, after={2: None})
fails("dependency-missing", "the dependency is not to be had", "trust-domains 5.7.3", dependent(DEPENDENCY), 11, "PayloadUnavailable", payloads={URI: FW}, after={2: None})
fails("dependency-older-than-installed", "the dependency is older than the manifest that is installed in its place", "trust-domains 5.6, manifest 6.1", dependent(DEPENDENCY), 10,
      "SequenceNumberTooLow", manifests=[{"id": ids(DEP), "sequence_number": 9}], after={2: None})
fails("dependency-for-others", "the dependency is for another class", "trust-domains 5.7.4",
      dependent(dependency(shared=[override(cls=bytes(16), **about()), do("class")])), 10, "ClassMismatch",
      payloads={DEP_URI: dependency(shared=[override(cls=bytes(16), **about()), do("class")]).bytes, URI: FW}, after={2: None})
SEVERED = dependency(severed=["install"])
holds("dependency-severed", "the dependency's install section travels behind its manifest", "trust-domains 5.2", dependent(SEVERED), payloads={DEP_URI: SEVERED.bytes, URI: FW},
      tree={(1,): SEVERED}, after={0: FW, 1: CONFIG, 2: SEVERED.bytes}, trace=TRACE)
ONLY_VALIDATE = Envelope(shared=shared(**about(OLD)), members={"validate": [do("image-match")]})
holds("dependency-without-the-section", "a dependency without the section that is run", "trust-domains 5.7.4", dependent(ONLY_VALIDATE),
      payloads={DEP_URI: ONLY_VALIDATE.bytes}, tree={(1,): ONLY_VALIDATE}, after={1: CONFIG, 2: ONLY_VALIDATE.bytes})
fails("process-dependency-of-a-component", "process-dependency on what is no dependency", "trust-domains 5.7.4",
      dependent(DEPENDENCY, install=[index(0), do("process-dependency")]), [5, 6, 10], after={2: None})
fails("process-dependency-in-shared", "process-dependency in the shared sequence", "trust-domains 5.7.4",
      dependent(DEPENDENCY, shared=[*known(DEPENDENCY), do("process-dependency")]), 5, "CommandNotAllowed", trace=[], after={})
CHOICE = try_each([do("is-dependency"), override(size=len(DEPENDENCY.bytes))], [do("abort")])
holds("is-dependency", "a dependency is one", "trust-domains 5.7.1", dependent(DEPENDENCY, resolve=[index(1), CHOICE, override(uri=DEP_URI), do("fetch"), do("dependency-integrity")]),
      trace=["dependency-resolution is-dependency 1", *TRACE])
fails("is-no-dependency", "a component is no dependency", "trust-domains 5.7.1", dependent(DEPENDENCY, resolve=[index(0), do("is-dependency")]), 10, "ConditionFailed",
      trace=["dependency-resolution is-dependency 0 failed"], after={})
# First writer wins: the dependent redirects the fetch of the dependency.
POLITE = dependency(members={"install": [set_unset(uri=URI_2), do("fetch"), do("image-match")], "validate": [do("image-match")]})


def redirecting(envelope, *first):
    return dependent(envelope, components=[[b"\x01"], list(DEP), [b"\x00"]], install=[index(2), *first])


holds("set-parameters-of-the-dependent", "what the dependent has set, set-parameters of the dependency leaves alone", "trust-domains 5.7.6",
      redirecting(POLITE, override(uri=URI)), payloads={DEP_URI: POLITE.bytes, URI: FW, URI_2: CONFIG}, tree={(1,): POLITE}, after={0: FW, 1: CONFIG, 2: POLITE.bytes})
holds("set-parameters-alone", "set-parameters sets what nobody has set", "trust-domains 5.7.6", redirecting(POLITE), payloads={DEP_URI: POLITE.bytes, URI_2: FW},
      tree={(1,): POLITE}, after={0: FW, 1: CONFIG, 2: POLITE.bytes})
holds("override-parameters-of-the-dependency", "override-parameters of the dependency comes last", "trust-domains 5.7.6", redirecting(DEPENDENCY, override(uri=URI_2)),
      payloads={DEP_URI: DEPENDENCY.bytes, URI: FW, URI_2: CONFIG})
case("set-parameters-twice", "set-parameters keeps the first value", "trust-domains 5.7.6",
     Envelope(shared=shared(**about()), members={"install": [set_unset(uri=URI), set_unset(uri=URI_2), do("fetch")], "validate": [do("image-match")]}),
     payloads={URI: FW, URI_2: CONFIG}, needs=NEEDS, after={0: FW}, trace=["install fetch 0", "validate image-match 0"])
# A dependency of a dependency.
INNER_STATE = [component(0, OLD), component(1), component(DEP), component(2), component((b"outer",))]
MIDDLE = dependent(DEPENDENCY)
OUTER = Envelope(components=[[b"\x02"], [b"outer"]], dependencies={1: None}, shared=[index(True), *shared(), index(1), override(digest=MIDDLE.digest)],
                 members={"dependency-resolution": [index(1), override(uri=URI_2), do("fetch"), do("dependency-integrity"), do("process-dependency")],
                          "install": [index(1), do("dependency-integrity"), do("process-dependency")], "validate": [index(1), do("dependency-integrity"), do("process-dependency")]})
case("dependency-of-a-dependency", "a tree of three manifests", "trust-domains 5", OUTER, components=INNER_STATE, payloads={**HAVE, URI_2: MIDDLE.bytes}, needs=NEEDS,
     tree={(1,): MIDDLE, (1, 1): DEPENDENCY}, after={0: FW, 1: CONFIG, 2: DEPENDENCY.bytes, 4: MIDDLE.bytes},
     trace=["dependency-resolution fetch 1", "dependency-resolution dependency-integrity 1", "[1] dependency-resolution fetch 1", "[1] dependency-resolution dependency-integrity 1",
            "dependency-resolution process-dependency 1", "install dependency-integrity 1", "[1] install dependency-integrity 1", "[1,1] install fetch 0", "[1,1] install image-match 0",
            "[1] install process-dependency 1", "[1] install write 0", "[1] install image-match 0", "install process-dependency 1", "validate dependency-integrity 1",
            "[1] validate dependency-integrity 1", "[1,1] validate image-match 0", "[1] validate process-dependency 1", "[1] validate image-match 0", "validate process-dependency 1"])
# Rights: each manifest acts with those of its own signers.
DISTRIBUTED = dependent(DEPENDENCY, signers=[keys.DISTRIBUTOR])
RIGHTS = [trusted(keys.DISTRIBUTOR, (b"\x01",), DEP), trusted(keys.AUTHOR, (b"\x00",))]
holds("dependency-of-another-signer", "the distributor's manifest over the author's, each with its own rights", "manifest 9, trust-domains 9", DISTRIBUTED, trust=RIGHTS, trace=TRACE)
fails("dependent-without-rights", "the distributor's rights do not reach what the author's manifest writes", "manifest 9", Envelope(
    components=[[b"\x00"]], shared=shared(**about()), members=usual(), signers=[keys.DISTRIBUTOR]), 7, "SignerNotPermitted", trust=RIGHTS, after={})
fails("dependency-without-rights", "the author's rights do not grow because a distributor names the manifest", "manifest 9", DISTRIBUTED, 7, "SignerNotPermitted",
      trust=[trusted(keys.DISTRIBUTOR, (b"\x01",), (b"\x00",), DEP), trusted(keys.AUTHOR, (b"\x07",))], after={2: None})
# References.
OTHERS = "11" * 32
UNINSTALL = Envelope(shared=shared(), members={"uninstall": [do("unlink")], "validate": [do("image-match")]})
case("unlink", "what nobody else refers to is removed", "trust-domains 5.7.5, 6.3", UNINSTALL, procedure="uninstall", components=[component(0, OLD, references=[])], payloads={},
     needs=NEEDS, trace=["uninstall unlink 0"], after={0: b""})
case("unlink-of-a-shared-component", "what another manifest refers to stays", "trust-domains 5.7.5", UNINSTALL, procedure="uninstall", components=[component(0, OLD, references=[OTHERS])],
     payloads={}, needs=NEEDS, trace=["uninstall unlink 0"])
refused("fetch-into-a-shared-component", "what another manifest refers to is not replaced", "trust-domains 5.5", Envelope(shared=shared(**about()), members=usual()), [10, 11],
        "ComponentInUse", components=[component(0, OLD, references=[OTHERS])], needs=NEEDS, trace=["install fetch 0 failed"])
LEAVING = dependency(members={**usual(), "uninstall": [do("unlink")]})
TREE_OF_LEAVING = Envelope(components=BOTH, dependencies={1: None}, shared=known(LEAVING), members={"uninstall": [index(1), do("unlink")], "validate": [index(0), do("image-match")]})
case("unlink-of-a-dependency", "a dependency that nobody else needs is uninstalled first", "trust-domains 5.7.5, 6.3", TREE_OF_LEAVING, procedure="uninstall",
     components=[component(0, FW, references=[]), component(1, CONFIG), component(DEP, LEAVING.bytes, references=[])], payloads={}, needs=NEEDS, tree={(1,): LEAVING},
     trace=["[1] uninstall unlink 0", "uninstall unlink 1"], after={0: b"", 2: b""})
case("unlink-of-a-shared-dependency", "a dependency that somebody else needs stays, with what it installed", "trust-domains 5.7.5", TREE_OF_LEAVING, procedure="uninstall",
     components=[component(0, FW, references=[]), component(1, CONFIG), component(DEP, LEAVING.bytes, references=[OTHERS])], payloads={}, needs=NEEDS, tree={(1,): LEAVING},
     trace=["uninstall unlink 1"])
