# SPDX-License-Identifier: Apache-2.0
"""Update management: conditions on time, power, versions and consent, waiting, and the commands that move parameters."""
from ..case import CONFIG, FW, OLD, URI, URI_2, about, case, component, refused, shared, usual
from ..cbor import Tag, encode
from ..suit import Envelope, digest, do, index, override, try_each

NEEDS = ["update-management"]
NOW = 1763668800  # 2025-11-20 20:00:00 UTC, a Thursday
FETCHED = ["install fetch 0", "install image-match 0", "validate image-match 0"]


def when(*conditions, **more):
    return Envelope(shared=shared(**about()), members={**usual(), "install": [*conditions, *usual()["install"]]}, **more)


def holds(name, title, clause, *conditions, checked, **more):
    case(name, title, clause, when(*conditions), needs=NEEDS, trace=[*checked, *FETCHED], after={0: FW}, **more)


def fails(name, title, clause, *conditions, failed, error=None, reason=10, **more):
    refused(name, title, clause, when(*conditions), reason, error, needs=NEEDS, trace=[f"install {failed} 0 failed"], **more)


def waits(name, title, clause, *conditions, **more):
    case(name, title, clause, when(*conditions), verdict="waiting", needs=NEEDS, **more)


USE, BATTERY, CONSENT, WAIT = (do(name) for name in ("use-before", "minimum-battery", "update-authorized", "wait"))
holds("use-before", "the manifest has not expired", "update-management 5.1", override(use_before=NOW + 1), USE, checked=["install use-before 0"], time=NOW)
fails("use-before-over", "the manifest has expired", "update-management 5.1, RFC 9124 4.3.3", override(use_before=NOW), USE, failed="use-before", time=NOW)
fails("use-before-long-over", "the manifest expired long ago", "update-management 5.1", override(use_before=1), USE, failed="use-before", time=NOW)
fails("use-before-without-clock", "without a clock nobody can say", "update-management 5.1", override(use_before=2 ** 63), USE, failed="use-before")
holds("use-before-of-64-bits", "an end beyond 32 and 63 bits", "update-management 5.1", override(use_before=2 ** 64 - 1), USE, checked=["install use-before 0"], time=NOW)
fails("use-before-unset", "without the parameter the condition fails", "manifest 8.4.9", USE, failed="use-before", time=NOW)
holds("image-not-match", "another image is installed", "update-management 6.2", do("image-not-match"), checked=["install image-not-match 0"])
fails("image-not-match-fails", "the image is installed already", "update-management 6.2", do("image-not-match"), failed="image-not-match", components=[component(0, FW)])
SKIP = Envelope(shared=shared(**about()), members={"install": [try_each([do("image-not-match"), override(uri=URI), do("fetch")], None)], "validate": [do("image-match")]})
case("image-not-match-skips", "what is installed already is not fetched again", "update-management 6.2", SKIP, components=[component(0, FW)], payloads={}, needs=NEEDS,
     trace=["install image-not-match 0 failed", "validate image-match 0"])
holds("minimum-battery", "energy enough", "update-management 5.2", override(battery=500), BATTERY, checked=["install minimum-battery 0"], battery_mwh=500)
fails("minimum-battery-low", "too little energy", "update-management 5.2", override(battery=501), BATTERY, failed="minimum-battery", battery_mwh=500)
holds("update-authorized", "the user agrees", "update-management 5.3", override(priority=-3), CONSENT, checked=["install update-authorized 0"], authorization="yes")
fails("update-authorized-no", "the user declines", "update-management 5.3, RFC 9124 4.2.11", CONSENT, failed="update-authorized", authorization="no")
waits("update-authorized-later", "the user has not answered", "update-management 5.3", CONSENT, authorization="later")
GREATER, AT_LEAST, EQUAL, AT_MOST, LESSER = 1, 2, 3, 4, 5
for name, comparison, numbers, installed, held in (
        ("greater", GREATER, [1, 1], [1, 2, 3], True), ("greater-fails", GREATER, [1, 2], [1, 2, 3], False), ("at-least", AT_LEAST, [1, 2], [1, 2, 3], True),
        ("at-least-fails", AT_LEAST, [1, 3], [1, 2, 3], False), ("equal", EQUAL, [1, 2], [1, 2, 3], True), ("equal-fails", EQUAL, [1, 2, 4], [1, 2, 3], False),
        ("at-most", AT_MOST, [1, 2], [1, 2, 3], True), ("at-most-fails", AT_MOST, [1, 1, 9], [1, 2, 3], False), ("lesser", LESSER, [1, 3], [1, 2, 3], True),
        ("lesser-fails", LESSER, [1, 2], [1, 2, 3], False), ("candidate-after-beta", GREATER, [2, 0, -2], [2, 0, -1, 1], True), ("alpha-before-beta", LESSER, [2, 0, -2], [2, 0, -3, 7], True)):
    condition = [override(version=encode([comparison, numbers])), do("version")]
    text = f"version {'.'.join(map(str, installed))} against {comparison} {'.'.join(map(str, numbers))}"
    state = [component(0, OLD, version=installed)]
    if held:
        holds(f"version-{name}", text, "update-management 5.4", *condition, checked=["install version 0"], components=state)
    else:
        fails(f"version-{name}", text, "update-management 5.4", *condition, failed="version", components=state)


def events(**named):
    numbers = {"authorization": 1, "power": 2, "network": 3, "time": 5, "time_of_day": 6, "day_of_week": 7, "time_of_day_utc": 8, "day_of_week_utc": 9}
    return override(wait=encode({numbers[name]: value for name, value in named.items()}))


holds("wait-for-time", "the time has come", "update-management 5.5", events(time=NOW), WAIT, checked=["install wait 0"], time=NOW)
waits("wait-for-time-to-come", "the time has not come", "update-management 5.5", events(time=NOW + 1), WAIT, time=NOW)
waits("wait-for-time-without-clock", "without a clock the time has not come", "update-management 5.5", events(time=NOW), WAIT)
holds("wait-for-weekday", "it is Thursday", "update-management 5.5", events(day_of_week_utc=4), WAIT, checked=["install wait 0"], time=NOW)
waits("wait-for-another-weekday", "it is not Friday", "update-management 5.5", events(day_of_week_utc=5), WAIT, time=NOW)
holds("wait-for-local-weekday", "it is Friday where the device is", "update-management 5.5", events(day_of_week=5), WAIT, checked=["install wait 0"], time=NOW, time_offset=5 * 3600)
for event in ("authorization", "power", "network"):
    number = {"authorization": "1", "power": "2", "network": "3"}[event]
    holds(f"wait-for-{event}", f"{event}: it has happened", "update-management 5.5", events(**{event: 1}), WAIT, checked=["install wait 0"], events={number: "yes"})
    waits(f"wait-for-{event}-to-come", f"{event}: it has not happened", "update-management 5.5", events(**{event: 1}), WAIT, events={number: "later"})
fails("wait-for-authorization-denied", "authorization: it will not happen", "update-management 5.5", events(authorization=1), WAIT, failed="wait", events={"1": "no"}, reason=[10, 11])
waits("wait-for-all", "of two events one has happened", "update-management 5.5", events(power=1, network=1), WAIT, events={"2": "yes", "3": "later"})
holds("wait-for-both", "both events have happened", "update-management 5.5", events(power=1, network=1), WAIT, checked=["install wait 0"], events={"2": "yes", "3": "yes"})
PAIR = [[b"\x00"], [b"\x01"]]
STATE = [component(0, OLD), component(1)]
case("override-multiple", "parameters of two components in one directive", "update-management 6.7",
     Envelope(components=PAIR, shared=[index(True), *shared()],
              members={"install": [(34, {0: {3: digest(FW), 21: URI}, 1: {3: digest(CONFIG), 21: URI_2}}), index(True), do("fetch"), do("image-match")],
                       "validate": [index(True), do("image-match")]}), components=STATE, payloads={URI: FW, URI_2: CONFIG}, needs=NEEDS, after={0: FW, 1: CONFIG},
     trace=["install fetch 0", "install fetch 1", "install image-match 0", "install image-match 1", "validate image-match 0", "validate image-match 1"])
case("copy-params", "parameters are taken over from another component", "update-management 6.8",
     Envelope(components=PAIR, shared=[index(True), *shared(), index(0), override(**about())],
              members={"install": [index(0), override(uri=URI), do("fetch"), index(1), (35, {0: [3, 14]}), override(source=0), do("copy"), do("image-match")],
                       "validate": [index(True), do("image-match")]}), components=STATE, needs=NEEDS, after={0: FW, 1: FW},
     trace=["install fetch 0", "install copy 1", "install image-match 1", "validate image-match 0", "validate image-match 1"])
case("set-version", "the manifest says which version it installs", "update-management 4.1", Envelope(shared=shared(**about()), members=usual(), extra={6: encode([2, 0, 1])}),
     needs=NEEDS, trace=FETCHED, after={0: FW})
METADATA = {"permissions": {1: 0x26}, "users": {2: {"bulb": 0x2F}, 8: "bulb"}, "regular-file": {5: 1}, "times": {6: Tag(1, NOW), 7: Tag(1, NOW)}}
for name, metadata in METADATA.items():
    case(f"component-metadata-{name}", f"metadata of a component that is fetched: {name.replace('-', ' ')}", "update-management 5.6",
         Envelope(shared=shared(**about()), members=usual(metadata=encode(metadata))), needs=[*NEEDS, "component-metadata"], trace=FETCHED, after={0: FW})
case("component-metadata-write", "metadata of a component that is written", "update-management 5.6",
     Envelope(shared=shared(**about(CONFIG)), members={"install": [override(content=CONFIG, metadata=encode({1: 0x22})), do("write"), do("image-match")], "validate": [do("image-match")]}),
     payloads={}, needs=[*NEEDS, "component-metadata"], trace=["install write 0", "install image-match 0", "validate image-match 0"], after={0: CONFIG})
refused("component-metadata-no-bytes", "metadata that does not stand in a byte string", "update-management 5.6", Envelope(shared=shared(**about()), members=usual(metadata={1: 0x26})),
        [1, 8], needs=[*NEEDS, "component-metadata"], trace=[])
COSWID = encode({0: "example.tailor.bulb", 1: "bulb", 12: 0})
case("coswid", "a CoSWID tag in the manifest", "update-management 4.2", Envelope(shared=shared(**about()), members=usual(), extra={14: COSWID}), needs=NEEDS, trace=FETCHED, after={0: FW})
case("coswid-severed", "a CoSWID tag behind the manifest", "update-management 4.2", Envelope(shared=shared(**about()), members=usual(), extra={14: COSWID}, severed=[14]), needs=NEEDS,
     trace=FETCHED, after={0: FW})
