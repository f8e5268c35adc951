# SPDX-License-Identifier: Apache-2.0
"""Updates and invocations with each command that moves or checks content."""

from ..case import CONFIG, DEVICE, FW, OLD, URI, URI_2, about, case, component, refused, shared, usual
from ..cbor import encode
from ..suit import Envelope, digest, do, index, override, try_each

FETCHED = ["install fetch 0", "install image-match 0", "validate image-match 0"]

case("fetch", "one image is fetched, checked and validated", "manifest 6.6, appendix B example 1", Envelope(shared=shared(**about()), members=usual()),
     trace=FETCHED, after={0: FW})
case("fetch-in-payload-fetch", "fetched into storage, then copied into its place", "manifest 8.4.12, 8.4.10.6",
     Envelope(components=[[b"\x00"], [b"\x01"]],
              shared=[index(True), override(**about()), *shared()],
              members={"payload-fetch": [index(1), override(uri=URI), do("fetch"), do("image-match")],
                       "install": [index(0), override(source=1), do("copy"), do("image-match")], "validate": [index(0), do("image-match")]}),
     components=[component(0, OLD), component(1)],
     trace=["payload-fetch fetch 1", "payload-fetch image-match 1", "install copy 0", "install image-match 0", "validate image-match 0"],
     after={0: FW, 1: FW})
case("integrated-payload", "the image travels in the envelope", "manifest 7.5", Envelope(shared=shared(**about()), members=usual(uri="#fw"), payloads={"#fw": FW}),
     payloads={}, trace=FETCHED, after={0: FW})
case("two-integrated-payloads", "two images travel in the envelope", "manifest 7.5",
     Envelope(components=[[b"\x00"], [b"\x01"]],
              shared=[index(0), *shared(**about()), index(1), *shared(**about(CONFIG))],
              members={"install": [index(0), override(uri="#a"), do("fetch"), do("image-match"), index(1), override(uri="#b"), do("fetch"), do("image-match")],
                       "validate": [index(True), do("image-match")]}, payloads={"#a": FW, "#b": CONFIG}),
     components=[component(0, OLD), component(1)], payloads={},
     trace=["install fetch 0", "install image-match 0", "install fetch 1 #1", "install image-match 1 #1", "validate image-match 0", "validate image-match 1"],
     after={0: FW, 1: CONFIG})
case("empty-payload", "an image of no bytes", "manifest 8.4.10.4", Envelope(shared=shared(**about(b"")), members=usual()), payloads={URI: b""}, after={0: b""}, trace=FETCHED)
case("secure-boot", "an installed image is checked and invoked, with arguments", "manifest 6.6, appendix B example 0",
     Envelope(shared=shared(**about(OLD)), members={"validate": [do("image-match")], "invoke": [override(invoke_args=b"quiet"), do("invoke")]}),
     procedure="invoke", payloads={}, trace=["validate image-match 0", "invoke invoke 0"], invoked=[{"id": ["00"], "arguments": b"quiet".hex()}])
case("load-and-invoke", "an image is copied into memory before it is invoked", "manifest 8.4.12, appendix B example 4",
     Envelope(components=[[b"\x00"], [b"\x02"]], shared=[index(True), *shared(**about(OLD))],
              members={"validate": [index(0), do("image-match")], "load": [index(1), override(source=0), do("copy"), do("image-match")],
                       "invoke": [index(1), do("invoke")]}),
     procedure="invoke", payloads={}, components=[component(0, OLD), component(2)],
     trace=["validate image-match 0", "load copy 1", "load image-match 1", "invoke invoke 1"], after={1: OLD}, invoked=[{"id": ["02"], "arguments": ""}])
refused("boot-of-another-image", "an image that is not the one that was signed is not invoked", "manifest 8.4.9.4",
        Envelope(shared=shared(**about(FW)), members={"validate": [do("image-match")], "invoke": [do("invoke")]}),
        10, "ImageDigestMismatch", procedure="invoke", payloads={}, components=[component(0, FW[:-1] + b"!")], trace=["validate image-match 0 failed"])
case("write", "content that stands in the manifest is written", "manifest 8.4.10.5",
     Envelope(shared=shared(**about(CONFIG)), members={"install": [override(content=CONFIG), do("write"), do("image-match")], "validate": [do("image-match")]}),
     payloads={}, trace=["install write 0", "install image-match 0", "validate image-match 0"], after={0: CONFIG})
case("swap", "two components change places", "manifest 8.4.10.8",
     Envelope(components=[[b"\x00"], [b"\x01"]], shared=[index(0), *shared(**about(CONFIG))],
              members={"install": [index(0), override(source=1), do("swap"), do("image-match")], "validate": [index(0), do("image-match")]}),
     payloads={}, components=[component(0, OLD), component(1, CONFIG)], needs=["swap"],
     trace=["install swap 0", "install image-match 0", "validate image-match 0"], after={0: CONFIG, 1: OLD})
refused("copy-onto-itself", "a component cannot be its own source", "manifest 8.4.10.6",
        Envelope(shared=shared(**about()), members={"install": [override(source=0), do("copy")], "validate": [do("image-match")]}), [6, 8, 10, 11],
        payloads={}, trace=["install copy 0 failed"], after={0: None})
CHECK = {"install": [try_each([override(content=OLD), do("check-content")], [override(uri=URI), do("fetch")]), do("image-match")],
         "validate": [do("image-match")]}
case("check-content-holds", "content equals what the manifest carries: nothing is fetched", "manifest 8.4.9.6", Envelope(shared=shared(**about(OLD)), members=CHECK),
     payloads={}, needs=["check-content"], trace=["install check-content 0", "install image-match 0", "validate image-match 0"])
case("check-content-fails", "content differs from what the manifest carries: the next branch fetches", "manifest 8.4.9.6", Envelope(shared=shared(**about(FW)), members=CHECK),
     needs=["check-content"], components=[component(0, CONFIG)], after={0: FW},
     trace=["install check-content 0 failed", "install fetch 0", "install image-match 0", "validate image-match 0"])
case("check-content-prefix", "content that begins like what the manifest carries is not equal to it", "manifest 8.4.9.6", Envelope(shared=shared(**about(FW)), members=CHECK),
     needs=["check-content"], components=[component(0, OLD + b" ")], after={0: FW},
     trace=["install check-content 0 failed", "install fetch 0", "install image-match 0", "validate image-match 0"])
SLOTS = {"install": [try_each([override(slot=0), do("slot"), override(uri=URI, **about(FW)), do("fetch"), do("image-match")],
                              [override(slot=1), do("slot"), override(uri=URI_2, **about(CONFIG)), do("fetch"), do("image-match")])],
         "validate": [try_each([override(slot=0, **about(FW)), do("slot"), do("image-match")], [override(slot=1, **about(CONFIG)), do("slot"), do("image-match")])]}
case("component-slot-0", "the image for the first slot is chosen", "manifest 8.4.9.5, appendix B example 3", Envelope(shared=shared(), members=SLOTS),
     components=[component(0, slot=0)], after={0: FW}, trace=["install slot 0", "install fetch 0", "install image-match 0", "validate slot 0", "validate image-match 0"])
case("component-slot-1", "the image for the second slot is chosen", "manifest 8.4.9.5, appendix B example 3", Envelope(shared=shared(), members=SLOTS),
     components=[component(0, slot=1)], payloads={URI_2: CONFIG}, after={0: CONFIG},
     trace=["install slot 0 failed", "install slot 0 #1", "install fetch 0 #1", "install image-match 0 #1", "validate slot 0 failed", "validate slot 0 #1", "validate image-match 0 #1"])
refused("component-slot-2", "no image is for this slot", "manifest 8.4.9.5", Envelope(shared=shared(), members=SLOTS), 10, "TryEachExhausted",
        components=[component(0, OLD, slot=2)])
case("device-identifier", "the manifest is for this device alone", "manifest 8.4.9.2",
     Envelope(shared=[override(device=DEVICE.bytes), *shared(**about()), do("device")], members=usual()), trace=FETCHED, after={0: FW})
refused("device-identifier-of-another", "the manifest is for another device", "manifest 8.4.9.2",
        Envelope(shared=[override(device=bytes(16)), *shared(**about()), do("device")], members=usual()), 10, "DeviceMismatch", trace=[])
case("fetch-arguments", "arguments go with the fetch", "manifest 8.4.8.14", Envelope(shared=shared(**about()), members=usual(fetch_args=b"\x01region=eu")),
     needs=["fetch-arguments"], fetch_arguments={URI: b"\x01region=eu".hex()}, trace=FETCHED, after={0: FW})
refused("fetch-arguments-unknown", "arguments that the source does not understand", "manifest 8.4.8.14",
        Envelope(shared=shared(**about()), members=usual(fetch_args=b"what?")), 8, "ParameterUnsupported", trace=["install fetch 0 failed"], after={0: None})
case("candidate-verification", "the candidate is checked between fetch and install", "trust-domains 7, manifest key 18",
     Envelope(components=[[b"\x00"], [b"\x01"]], shared=[index(True), *shared(**about())],
              members={"payload-fetch": [index(1), override(uri=URI), do("fetch")], "candidate-verification": [index(1), do("image-match")],
                       "install": [index(0), override(source=1), do("copy")], "validate": [index(0), do("image-match")]}),
     components=[component(0, OLD), component(1)], needs=["candidate-verification"],
     trace=["payload-fetch fetch 1", "candidate-verification image-match 1", "install copy 0", "validate image-match 0"], after={0: FW, 1: FW})
refused("candidate-verification-fails", "a bad candidate is not installed", "trust-domains 7, manifest key 18",
        Envelope(components=[[b"\x00"], [b"\x01"]], shared=[index(True), *shared(**about())],
                 members={"payload-fetch": [index(1), override(uri=URI), do("fetch")], "candidate-verification": [index(1), do("image-match")],
                          "install": [index(0), override(source=1), do("copy")], "validate": [index(0), do("image-match")]}), 10, "ImageDigestMismatch",
        components=[component(0, OLD), component(1)], needs=["candidate-verification"], payloads={URI: FW[:-1] + b"?"},
        trace=["payload-fetch fetch 1", "candidate-verification image-match 1 failed"], after={1: None})
for name, algorithm in (("sha384", -43), ("sha512", -44), ("shake128", -18), ("shake256", -45)):
    case(f"image-{name}", f"the image's digest is made with {name.upper()}", "manifest 10", Envelope(shared=shared(**about(FW, algorithm)), members=usual()),
         needs=[name], trace=FETCHED, after={0: FW})
    refused(f"image-{name}-differs", f"an image with another {name.upper()} digest", "manifest 10", Envelope(shared=shared(**about(FW, algorithm)), members=usual()),
            10, "ImageDigestMismatch", needs=[name], payloads={URI: FW[::-1]}, trace=["install fetch 0", "install image-match 0 failed"], after={0: None})
    case(f"manifest-{name}", f"the manifest's digest is made with {name.upper()}", "manifest 8.3, 10",
         Envelope(shared=shared(**about()), members=usual(), digest_algorithm=algorithm), needs=[name], trace=FETCHED, after={0: FW})
case("large-sequence-number", "the largest sequence number", "manifest 8.4.2", Envelope(shared=shared(**about()), members=usual(), sequence_number=2 ** 64 - 1),
     trace=FETCHED, after={0: FW})
case("equal-sequence-number", "the installed sequence number once more", "manifest 6.1", Envelope(shared=shared(**about()), members=usual(), sequence_number=7),
     components=[component(0, OLD, sequence_number=7)], trace=FETCHED, after={0: FW})
case("severed-install", "install travels behind the manifest", "manifest 5.4, 8.4.12", Envelope(shared=shared(**about()), members=usual(), severed=["install"]),
     trace=FETCHED, after={0: FW})
TEXT = encode({"en": {1: "An update for the bulb"}})
case("severed-text", "the text travels behind the manifest", "manifest 5.4, 8.4.4",
     Envelope(shared=shared(**about()), members=usual(), extra={23: TEXT}, severed=[23]), trace=FETCHED, after={0: FW})
case("severed-text-left-out", "a device needs no text", "manifest 5.4", Envelope(shared=shared(**about()), members=usual(), extra={23: TEXT}, severed=[23], left_out=[23]),
     trace=FETCHED, after={0: FW})
case("severed-install-left-out-boots", "an installed image boots without its install section", "manifest 5.4",
     Envelope(shared=shared(**about(OLD)), members={**usual(OLD), "invoke": [do("invoke")]}, severed=["install"], left_out=[20]), procedure="invoke", payloads={},
     trace=["validate image-match 0", "invoke invoke 0"], invoked=[{"id": ["00"], "arguments": ""}])
case("reference-uri", "a reference URI has no effect", "manifest 8.4.3", Envelope(shared=shared(**about()), members=usual(), extra={4: "http://tailor.example/manifest"}),
     trace=FETCHED, after={0: FW})
case("long-component-identifier", "an identifier of several parts", "manifest 8.4.5.1",
     Envelope(components=[[b"app", b"\x00\x01", b"config"]], shared=shared(**about()), members=usual()),
     components=[component((b"app", b"\x00\x01", b"config"))], trace=FETCHED, after={0: FW})
case("digest-without-size", "a digest is enough", "manifest appendix B example 4", Envelope(shared=shared(digest=digest(FW)), members=usual()), trace=FETCHED, after={0: FW})
PRECURSOR = {"install": [override(**about(OLD)), do("image-match"), override(uri=URI, **about(FW)), do("fetch"), do("image-match")],
             "validate": [override(**about(FW)), do("image-match")]}
case("precursor", "an update for one precursor: its digest is checked before anything is written", "RFC 9124 3.8, 4.3.9", Envelope(shared=shared(), members=PRECURSOR), after={0: FW},
     trace=["install image-match 0", "install fetch 0", "install image-match 0 #1", "validate image-match 0"])
refused("precursor-differs", "another precursor is installed", "RFC 9124 3.8, 4.2.10", Envelope(shared=shared(), members=PRECURSOR), 10, "ImageDigestMismatch",
        components=[component(0, CONFIG)], trace=["install image-match 0 failed"])
refused("precursor-one-bit-off", "the precursor is one bit off", "RFC 9124 3.8, 4.2.10", Envelope(shared=shared(), members=PRECURSOR), 10, "ImageDigestMismatch",
        components=[component(0, OLD[:-1] + bytes([OLD[-1] ^ 1]))], trace=["install image-match 0 failed"])
BOOT = Envelope(shared=shared(**about(OLD)), members={"validate": [do("image-match")], "invoke": [do("invoke")]})
refused("boot-of-a-longer-image", "bytes follow the image", "RFC 9124 4.2.15", BOOT, 10, procedure="invoke", payloads={}, components=[component(0, OLD + b"\x00")],
        trace=["validate image-match 0 failed"])
refused("boot-of-a-shorter-image", "the image ends early", "RFC 9124 4.3.8", BOOT, 10, procedure="invoke", payloads={}, components=[component(0, OLD[:-1])],
        trace=["validate image-match 0 failed"])
refused("boot-of-nothing", "there is no image", "RFC 9124 4.3.8", BOOT, 10, procedure="invoke", payloads={}, components=[component(0)], trace=["validate image-match 0 failed"])
MIXED = Envelope(components=[[b"\x00"], [b"\x01"]], shared=[index(0), *shared(**about(OLD)), index(1), *shared(**about(CONFIG))],
                 members={"validate": [index(True), do("image-match")], "invoke": [index(0), do("invoke")]})
refused("boot-of-mixed-releases", "one component is of this release, the other is not", "Uptane: mix-and-match", MIXED, 10, "ImageDigestMismatch", procedure="invoke", payloads={},
        components=[component(0, OLD), component(1, FW)], trace=["validate image-match 0", "validate image-match 1 failed"])
