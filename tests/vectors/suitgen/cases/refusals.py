# SPDX-License-Identifier: Apache-2.0
"""What a recipient refuses: replays, manifests for others, wrong payloads, altered members, structures that are not as the format says."""
from .. import suit
from ..case import CLASS, CONFIG, FW, OLD, URI, VENDOR, about, case, component, refused, shared, usual
from ..suit import Envelope, digest, do, index, override

FETCHED = ["install fetch 0", "install image-match 0", "validate image-match 0"]


def update(**more):
    return Envelope(shared=shared(**about()), members=usual(), **more)


refused("sequence-number-lower", "a manifest that is older than the installed one", "manifest 6.1, RFC 9124 4.3.1", update(sequence_number=6), 10, "SequenceNumberTooLow",
        components=[component(0, OLD, sequence_number=7)], trace=[])
refused("sequence-number-zero", "the smallest sequence number after others", "manifest 6.1", update(sequence_number=0), 10, "SequenceNumberTooLow", trace=[])
refused("sequence-number-of-32-bits", "sequence numbers are compared in 64 bits", "manifest 8.4.2", update(sequence_number=2 ** 32 - 1), 10, "SequenceNumberTooLow",
        components=[component(0, OLD, sequence_number=2 ** 32)], trace=[])
refused("sequence-number-of-63-bits", "sequence numbers are not signed", "manifest 8.4.2", update(sequence_number=2 ** 63 - 1), 10, "SequenceNumberTooLow",
        components=[component(0, OLD, sequence_number=2 ** 63)], trace=[])
refused("manifest-version-2", "a manifest of another version", "manifest 8.4.1", update(version=2), 1, "ManifestVersionUnsupported", trace=[])
refused("vendor-of-others", "the manifest is for another vendor", "manifest 8.4.9.2, RFC 9124 4.3.2",
        Envelope(shared=[override(vendor=CLASS.bytes, cls=CLASS.bytes, **about()), do("vendor"), do("class")], members=usual()), 10, "VendorMismatch", trace=[])
refused("class-of-others", "the manifest is for another class", "manifest 8.4.9.2, RFC 9124 4.3.2",
        Envelope(shared=[override(vendor=VENDOR.bytes, cls=VENDOR.bytes, **about()), do("vendor"), do("class")], members=usual()), 10, "ClassMismatch", trace=[])
refused("vendor-cut", "a vendor identifier of 15 bytes", "manifest 8.4.8.2", Envelope(shared=[override(vendor=VENDOR.bytes[:15], **about()), do("vendor")], members=usual()),
        [1, 8, 10], trace=[])
refused("component-unknown", "a component that the device does not have", "manifest 8.4.5.1",
        Envelope(components=[[b"bootloader"]], shared=shared(**about()), members=usual()), 6, "ComponentUnknown", trace=[])
refused("component-unknown-among-others", "one of two components does not exist: nothing is written", "manifest 8.4.5.1",
        Envelope(components=[[b"\x00"], [b"\x07"]], shared=[index(0), *shared(**about())],
                 members={"install": [index(0), override(uri=URI), do("fetch")], "validate": [index(0), do("image-match")]}), 6, "ComponentUnknown", trace=[])
refused("payload-missing", "the payload is not to be had", "manifest 8.4.10.4", update(), 11, "PayloadUnavailable", payloads={}, trace=["install fetch 0 failed"], after={0: None})
refused("payload-differs", "another payload of the same size", "manifest 8.4.9.4", update(), 10, "ImageDigestMismatch", payloads={URI: FW[::-1]},
        trace=["install fetch 0", "install image-match 0 failed"], after={0: None})
refused("payload-short", "the payload ends early", "RFC 9124 4.3.15", update(), 10, "ImageSizeMismatch", payloads={URI: FW[:-1]}, after={0: None})
refused("payload-long", "the payload goes on after the image", "RFC 9124 4.3.15", update(), 10, "ImageSizeMismatch", payloads={URI: FW + b"!"}, after={0: None})
refused("payload-endless", "a payload without end stops at the component's capacity", "RFC 9124 4.2.6",
        Envelope(shared=shared(digest=digest(FW)), members=usual()), [10, 11], payloads={URI: bytes(3000)}, components=[component(0, OLD, capacity=1024)], after={0: None})
refused("image-too-large", "an image that does not fit is not begun", "manifest 8.4.8.10", update(), [10, 11], "ImageTooLarge", components=[component(0, OLD, capacity=len(FW) - 1)],
        trace=["install fetch 0 failed"])
refused("integrated-payload-missing", "the envelope lacks the payload", "manifest 7.5", Envelope(shared=shared(**about()), members=usual(uri="#fw")), 11, "PayloadUnavailable",
        payloads={}, after={0: None})
refused("integrated-payload-differs", "the payload in the envelope is another", "manifest 7.5", Envelope(shared=shared(**about()), members=usual(uri="#fw"), payloads={"#fw": FW[::-1]}),
        10, "ImageDigestMismatch", payloads={}, after={0: None})
refused("validate-fails", "what was installed is not what is validated", "manifest 6.6",
        Envelope(shared=shared(), members={"install": [override(uri=URI, **about(FW)), do("fetch"), do("image-match")],
                                           "validate": [override(**about(CONFIG)), do("image-match")]}), 10, "ImageDigestMismatch",
        trace=["install fetch 0", "install image-match 0", "validate image-match 0 failed"], after={0: None})
refused("severed-left-out", "install was severed and is not there", "manifest 5.4", update(severed=["install"], left_out=[20]), 9, "MemberMissing", trace=[])
SEVERED = update(severed=["install"]).sections[20]
refused("severed-altered", "install was changed behind the manifest", "manifest 5.4", update(severed=["install"], left_out=[20], envelope_extra={20: SEVERED[:-1] + b"\x02"}),
        4, "SeveredDigestMismatch", trace=[])
refused("severed-swapped", "another member stands under the key of install", "manifest 5.4",
        Envelope(shared=shared(**about()), members={"payload-fetch": [override(uri=URI), do("fetch")], "install": [do("image-match")], "validate": [do("image-match")]},
                 severed=["payload-fetch", "install"], left_out=[20], envelope_extra={20: suit.sequence([override(uri=URI), do("fetch")])}), 4, "SeveredDigestMismatch", after={0: None})
refused("severed-and-in-place", "install in the manifest, and once more behind it", "manifest 5.4", update(envelope_extra={20: SEVERED}), [1, 4], "DuplicateKey", after={0: None})
refused("severed-unknown", "a member that the manifest does not name", "manifest 5.4", update(envelope_extra={16: SEVERED}), [1, 4], after={0: None})
refused("validate-severed", "validate cannot be severed", "manifest 8.4.12", update(severed=["validate"]), [1, 9], trace=[])
case("update-without-validate", "an update need not validate", "manifest 8.4.6, firmware-encryption examples", Envelope(shared=shared(**about()), members={"install": usual()["install"]}),
     trace=FETCHED[:2], after={0: FW})
refused("update-without-install", "an update that installs nothing", "manifest 6.6", Envelope(shared=shared(**about()), members={"validate": [do("image-match")]}),
        10, "SequenceMissing", trace=[])
refused("untagged", "an envelope without tag 107", "manifest 8.2", update(tagged=False), 1, "EnvelopeUntagged", trace=[])
case("untagged-lenient", "an envelope without tag 107, where the context says what it is", "manifest 8.2", update(tagged=False), leniency=["untagged-envelope"], trace=FETCHED,
     after={0: FW})
refused("install-of-older-drafts", "key 17 was install before draft -27", "manifest 8.4", Envelope(shared=shared(**about()), members={"validate": [do("image-match")]},
        extra={17: SEVERED}), 1, "UnknownKey", trace=[])
refused("envelope-key-unknown", "an envelope member that nobody defined", "manifest 8.2", update(envelope_extra={99: b"\x00"}), 1, "UnknownKey", trace=[])
refused("manifest-key-unknown", "a manifest element that nobody defined", "manifest 8.4", update(extra={99: 0}), 1, "UnknownKey", trace=[])
refused("no-components", "a manifest without components", "manifest 8.4.5", Envelope(common={2: [], 4: suit.sequence(shared())}, members=usual()), [1, 6], trace=[])
refused("common-without-components", "a common block without the list of components", "manifest 8.4.5", Envelope(common={4: suit.sequence(shared())}, members=usual()), [1, 6], trace=[])
refused("trailing-bytes", "bytes after the envelope", "RFC 8949 5.2", type("Trailing", (), {"bytes": update().bytes + b"\x00", "pairs": update().pairs})(), 1, "TrailingBytes",
        after={0: None})
