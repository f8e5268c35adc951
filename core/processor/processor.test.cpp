// SPDX-License-Identifier: Apache-2.0
#include "core/processor/processor.hpp"

#include "core/processor/processing.test.hpp"

namespace tailor::processor {
namespace {

// --- conditions ---

TEST_F(Processing, IdentifiersMatchOrTellWhich) {
  struct Row {
    int64_t condition;
    suit::Parameters parameters;
    Error error;
  };
  Uuid other;
  other.bytes.fill(0x11);
  for (const Row& row : {
           Row{command::kVendorIdentifier, {.vendor = platform_.who.vendor}, kNone},
           Row{command::kVendorIdentifier, {.vendor = other}, Error::kVendorMismatch},
           Row{command::kVendorIdentifier, {.device_class = platform_.who.vendor}, Error::kVendorMismatch},
           Row{command::kClassIdentifier, {.device_class = platform_.who.device_class}, kNone},
           Row{command::kClassIdentifier, {.device_class = other}, Error::kClassMismatch},
           Row{command::kDeviceIdentifier, {.device = platform_.who.device}, kNone},
           Row{command::kDeviceIdentifier, {.device = other}, Error::kDeviceMismatch},
           Row{command::kComponentSlot, {.slot = 0}, kNone},
           Row{command::kComponentSlot, {.slot = 1}, Error::kSlotMismatch},
           Row{command::kComponentSlot, {.uri = "x"}, Error::kSlotMismatch},
           Row{command::kImageMatch, {.digest = digest_of({})}, kNone},
           Row{command::kImageMatch, {.digest = digest_of({}), .image_size = 0}, kNone},
           Row{command::kImageMatch, {.digest = digest_of({}), .image_size = 1}, Error::kImageDigestMismatch},
           Row{command::kImageMatch, {.digest = digest_of({1})}, Error::kImageDigestMismatch},
           Row{command::kImageMatch, {.image_size = 0}, Error::kImageDigestMismatch},
           Row{command::kAbort, {.uri = "x"}, Error::kManifestAborted},
       }) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([&](SequenceWriter& s) { s.override_parameters(row.parameters).command(row.condition, 15); }),
              row.error)
        << row.condition;
  }
}

TEST_F(Processing, SharedSequenceDecidesBeforeAnythingIsWritten) {
  author_.shared(sequence([](SequenceWriter& s) { s.command(command::kVendorIdentifier, 15); }));
  EXPECT_EQ(install([](SequenceWriter& s) { s.override_parameters({.uri = "p"}).command(command::kFetch, 2); }),
            Error::kVendorMismatch);
  EXPECT_TRUE(platform_.log.empty());
}

TEST_F(Processing, SharedSequenceRunsBeforeEachSection) {
  author_.shared(sequence([](SequenceWriter& s) { s.override_parameters({.uri = "p"}); }));
  author_.member(manifest_key::kPayloadFetch,
                 sequence([](SequenceWriter& s) { s.override_parameters({.uri = "gone"}); }));
  EXPECT_EQ(install([](SequenceWriter& s) { s.command(command::kFetch, 2); }), kNone);
}

// --- rollback, components, sections ---

TEST_F(Processing, SequenceNumberMayNotGoBack) {
  platform_.installed = 5;
  author_.number(4);
  EXPECT_EQ(install(Octets{0x80}), Error::kSequenceNumberTooLow);
  for (const uint64_t allowed : {uint64_t{5}, uint64_t{6}, UINT64_MAX}) {
    author_.number(allowed);
    EXPECT_EQ(run(), kNone) << allowed;
  }
  platform_.installed = UINT64_MAX;
  author_.number(0);
  EXPECT_EQ(run(), Error::kSequenceNumberTooLow);
}

TEST_F(Processing, ComponentsHaveToExist) {
  author_.components(4);
  EXPECT_EQ(install(Octets{0x80}), Error::kComponentUnknown);
}

TEST_F(Processing, SectionsThatAreNeeded) {
  EXPECT_EQ(run(), Error::kSequenceMissing) << "neither install nor payload fetch";
  EXPECT_EQ(run(Procedure::kValidate), kNone);
  EXPECT_EQ(run(Procedure::kInvoke), Error::kSequenceMissing);
  EXPECT_EQ(run(Procedure::kUninstall), Error::kSequenceMissing);
  EXPECT_EQ(run(Procedure::kStaging), Error::kSequenceMissing);
  EXPECT_EQ(run(Procedure::kInstallation), Error::kSequenceMissing) << "validate alone installs nothing";
  author_ = std::move(testing::Author().member(manifest_key::kInstall, {0x80}));
  EXPECT_EQ(run(), kNone) << "validate may be missing: the draft's CDDL says so, and published examples lack it";
  EXPECT_EQ(run(Procedure::kValidate), Error::kSequenceMissing);
}

TEST_F(Processing, StepAndStagedNeedAStart) {
  Processor processor(Seams{platform_, payloads_, *authorization_});
  EXPECT_EQ(processor.step().error(), Error::kStateConflict);
  EXPECT_EQ(processor.staged().error(), Error::kStateConflict);
}

// --- selection ---

TEST_F(Processing, CommandsApplyToWhatIsSelectedInItsOrder) {
  author_.components(3);
  EXPECT_EQ(install([](SequenceWriter& s) {
              const uint64_t indices[] = {2, 0};
              s.set_component_index(1).command(command::kInvoke, 2);
              s.set_component_indices(indices).command(command::kInvoke, 2);
              s.set_all_components().command(command::kInvoke, 2);
            }),
            kNone);
  EXPECT_EQ(platform_.log,
            (std::vector<std::string>{"invoke 1", "invoke 2", "invoke 0", "invoke 0", "invoke 1", "invoke 2"}));
}

TEST_F(Processing, ParametersBelongToTheSelectedComponent) {
  author_.components(2);
  platform_.add(testing::component_id(1), "1").present_slot = 1;
  EXPECT_EQ(install([](SequenceWriter& s) {
              s.set_component_index(0).override_parameters({.slot = 0});
              s.set_component_index(1).override_parameters({.slot = 1});
              s.set_all_components().command(command::kComponentSlot, 5);
            }),
            kNone);
}

TEST_F(Processing, SelectionIsRefused) {
  struct Row {
    const char* what;
    const char* sequence;
    Error error;
  };
  for (const Row& row : {
           Row{"nothing selected", "82 17 02", Error::kComponentIndexInvalid},
           Row{"beyond the components", "82 0c 02", Error::kComponentIndexInvalid},
           Row{"far beyond", "82 0c 1b ffffffffffffffff", Error::kComponentIndexInvalid},
           Row{"false", "82 0c f4", Error::kComponentIndexInvalid},
           Row{"null", "82 0c f6", Error::kCborWrongType},
           Row{"negative", "82 0c 20", Error::kCborWrongType},
           Row{"empty list", "82 0c 80", Error::kComponentIndexInvalid},
           Row{"list beyond", "82 0c 82 00 02", Error::kComponentIndexInvalid},
           Row{"list of texts", "82 0c 81 60", Error::kCborWrongType},
       }) {
    author_ = std::move(testing::Author().components(2).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install(testing::from_hex(row.sequence)), row.error) << row.what;
  }
}

// --- try-each and run-sequence ---

Octets slot_branch(uint64_t slot, std::string_view arguments) {
  return sequence([&](SequenceWriter& s) {
    s.override_parameters({.slot = slot}).command(command::kComponentSlot, 5);
    s.override_parameters({.invoke_arguments = as_bytes(arguments)});
  });
}

TEST_F(Processing, TryEachTakesTheFirstBranchThatHolds) {
  device_[0]->present_slot = 1;
  const Octets a = slot_branch(0, "a"), b = slot_branch(1, "b"), c = slot_branch(1, "c");
  const ByteView branches[] = {a, b, c};
  EXPECT_EQ(install([&](SequenceWriter& s) { s.try_each(branches, false).command(command::kInvoke, 2); }), kNone);
  EXPECT_EQ(platform_.log, (std::vector<std::string>{"invoke 0", "arguments b"}));
}

TEST_F(Processing, TryEachExhaustedIsAnErrorUnlessNilStandsLast) {
  device_[0]->present_slot = 9;
  const Octets a = slot_branch(0, "a"), b = slot_branch(1, "b");
  const ByteView branches[] = {a, b};
  EXPECT_EQ(install([&](SequenceWriter& s) { s.try_each(branches, false); }), Error::kTryEachExhausted);
  author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
  EXPECT_EQ(install([&](SequenceWriter& s) { s.try_each(branches, true).command(command::kInvoke, 2); }), kNone);
  EXPECT_EQ(platform_.log, (std::vector<std::string>{"invoke 0"}));
  for (const char* odd : {"82 0f 80", "82 0f 82 f6 41 80", "82 0f 81 00", "82 0f 41 80"}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    EXPECT_NE(install(testing::from_hex(odd)), kNone) << odd;
  }
}

TEST_F(Processing, TryEachRunsForEachSelectedComponent) {
  author_.components(3);
  device_[1]->present_slot = 1;
  const Octets a = slot_branch(0, "a"), b = slot_branch(1, "b");
  const ByteView branches[] = {a, b};
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.set_all_components().try_each(branches, false).command(command::kInvoke, 2);
            }),
            kNone);
  EXPECT_EQ(platform_.log, (std::vector<std::string>{"invoke 0", "arguments a", "invoke 1", "arguments b", "invoke 2",
                                                     "arguments a"}));
}

TEST_F(Processing, ADirectiveThatFailsInABranchIsFatal) {
  const Octets bad = sequence([](SequenceWriter& s) { s.command(command::kFetch, 2); });
  const ByteView branches[] = {bad};
  EXPECT_EQ(install([&](SequenceWriter& s) { s.try_each(branches, true); }), Error::kParameterMissing);
}

TEST_F(Processing, SoftFailureSaysWhetherAFailedConditionIsFatal) {
  struct Row {
    const char* what;
    bool try_each;
    std::optional<bool> soft_failure;
    Error error;
  };
  for (const Row& row : {
           Row{"try-each begins soft", true, std::nullopt, kNone},
           Row{"try-each made hard", true, false, Error::kManifestAborted},
           Row{"run-sequence begins hard", false, std::nullopt, Error::kManifestAborted},
           Row{"run-sequence made soft", false, true, kNone},
       }) {
    const Octets inner = sequence([&](SequenceWriter& s) {
      if (row.soft_failure) s.override_parameters({.soft_failure = row.soft_failure});
      s.command(command::kAbort, 15).command(command::kInvoke, 2);
    });
    const ByteView branches[] = {inner};
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    platform_.log.clear();
    EXPECT_EQ(install([&](SequenceWriter& s) {
                if (row.try_each) {
                  s.try_each(branches, true);
                } else {
                  s.run_sequence(inner);
                }
              }),
              row.error)
        << row.what;
    EXPECT_TRUE(platform_.log.empty()) << "what stands behind the condition was run: " << row.what;
  }
}

TEST_F(Processing, SoftFailureIsNotInheritedAndNotForTheOutermostSequence) {
  const Octets inner = sequence([](SequenceWriter& s) { s.command(command::kAbort, 15); });
  const Octets outer =
      sequence([&](SequenceWriter& s) { s.override_parameters({.soft_failure = true}).run_sequence(inner); });
  EXPECT_EQ(install([&](SequenceWriter& s) { s.run_sequence(outer); }), Error::kManifestAborted);
  author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
  EXPECT_EQ(install([](SequenceWriter& s) { s.override_parameters({.soft_failure = true}); }),
            Error::kCommandNotAllowed);
}

TEST_F(Processing, SelectionInsideASequenceStaysUnlessAListWasSelected) {
  author_.components(3);
  const Octets inner = sequence([](SequenceWriter& s) { s.set_component_index(2); });
  EXPECT_EQ(install([&](SequenceWriter& s) {
              const uint64_t indices[] = {0, 1};
              s.set_component_index(0).run_sequence(inner).command(command::kInvoke, 2);
              s.set_component_indices(indices).run_sequence(inner).command(command::kInvoke, 2);
            }),
            kNone);
  EXPECT_EQ(platform_.log, (std::vector<std::string>{"invoke 2", "invoke 0", "invoke 1"}));
}

TEST_F(Processing, AListSelectedInsideASequenceDoesNotRunItAgain) {
  author_.components(3);
  const uint64_t indices[] = {0, 2};
  const Octets inner =
      sequence([&](SequenceWriter& s) { s.set_component_indices(indices).command(command::kInvoke, 2); });
  const ByteView branches[] = {inner};
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.set_component_index(1).run_sequence(inner).set_component_index(1).try_each(branches, false);
              s.command(command::kInvoke, 2);
            }),
            kNone);
  EXPECT_EQ(platform_.log,
            (std::vector<std::string>{"invoke 0", "invoke 2", "invoke 0", "invoke 2", "invoke 0", "invoke 2"}));
}

TEST_F(Processing, NestingLimitAndOnePast) {
  for (const size_t depth : {limits::kSequenceDepth, limits::kSequenceDepth + 1}) {
    Octets inner = sequence([](SequenceWriter& s) { s.command(command::kInvoke, 2); });
    for (size_t i = 0; i < depth; ++i) inner = sequence([&](SequenceWriter& s) { s.run_sequence(inner); });
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install(inner), depth == limits::kSequenceDepth ? kNone : Error::kCborTooDeep) << depth;
  }
}

// --- what is not there ---

TEST_F(Processing, UnsupportedAndMalformedCommands) {
  struct Row {
    const char* what;
    const char* sequence;
    Error error;
  };
  for (const Row& row : {
           Row{"9, not assigned", "82 09 0f", Error::kCommandUnsupported},
           Row{"30, not assigned", "82 18 1e 0f", Error::kCommandUnsupported},
           Row{"36, not assigned", "82 18 24 0f", Error::kCommandUnsupported},
           Row{"13, removed", "82 0d 00", Error::kCommandUnsupported},
           Row{"custom", "82 39 0100 00", Error::kCommandUnsupported},
           Row{"-1", "82 20 00", Error::kCommandUnsupported},
           Row{"269, whose low octet is a command", "82 19 0117 02", Error::kCommandUnsupported},
           Row{"label of text", "82 60 00", Error::kCborWrongType},
           Row{"policy of five bits", "82 17 10", Error::kValueOutOfRange},
           Row{"policy nil", "82 17 f6", Error::kCborWrongType},
           Row{"label without argument", "81 17", Error::kValueOutOfRange},
           Row{"too short for its count", "84 17 02", Error::kTruncated},
           Row{"no array", "a0", Error::kCborWrongType},
           Row{"encryption info", "82 14 a1 13 40", Error::kParameterUnsupported},
           Row{"6, not assigned", "82 14 a1 06 40", Error::kParameterUnsupported},
           Row{"31, not assigned", "82 14 a1 18 1f 40", Error::kParameterUnsupported},
           Row{"vendor of 15 octets", "82 14 a1 01 4f 000102030405060708090a0b0c0d0e", Error::kValueOutOfRange},
           Row{"class as number", "82 14 a1 02 d8 70 41 00", Error::kCborWrongType},
           Row{"vendor with another tag", "82 14 a1 01 d8 6f 41 00", Error::kCborWrongType},
           Row{"custom parameter", "82 14 a1 20 00", Error::kParameterUnsupported},
           Row{"parameter twice", "82 14 a2 05 00 05 01", Error::kDuplicateKey},
           Row{"parameters out of order", "82 14 a2 05 00 01 40", Error::kCborNotCanonical},
           Row{"slot of text", "82 14 a1 05 60", Error::kCborWrongType},
           Row{"uri of bytes", "82 14 a1 15 40", Error::kCborWrongType},
           Row{"digest that is none", "82 14 a1 03 41 00", Error::kCborWrongType},
           Row{"strict order of int", "82 14 a1 0c 01", Error::kCborWrongType},
           Row{"parameters of array", "82 14 80", Error::kCborWrongType},
       }) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    const Error error = install(testing::from_hex(row.sequence));
    EXPECT_EQ(error, row.error) << row.what << ": " << name_of(error);
  }
}

TEST_F(Processing, OnlySomeCommandsAreAllowedInTheSharedSequence) {
  for (const int64_t label : {command::kFetch, command::kCopy, command::kWrite, command::kInvoke}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    author_.shared(sequence([&](SequenceWriter& s) { s.override_parameters({.uri = "p"}).command(label, 2); }));
    EXPECT_EQ(install(Octets{0x80}), Error::kCommandNotAllowed) << label;
    EXPECT_TRUE(platform_.log.empty());
  }
  const Octets nested = sequence([](SequenceWriter& s) { s.command(command::kInvoke, 2); });
  author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
  author_.shared(sequence([&](SequenceWriter& s) { s.run_sequence(nested); }));
  EXPECT_EQ(install(Octets{0x80}), Error::kCommandNotAllowed);
}

TEST_F(Processing, ABootTableHasNothingThatWrites) {
  author_ = std::move(testing::Author().member(manifest_key::kValidate, sequence([](SequenceWriter& s) {
                                                 s.override_parameters({.uri = "p"}).command(command::kFetch, 2);
                                               })));
  EXPECT_EQ(run(Procedure::kValidate, kBootCommands), Error::kCommandUnsupported);
  EXPECT_EQ(run(Procedure::kValidate, kUpdateCommands), kNone);
}

TEST_F(Processing, UriLimitAndOnePast) {
  for (const size_t length : {limits::kUriBytes, limits::kUriBytes + 1}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    const std::string uri(length, 'u');
    EXPECT_EQ(install([&](SequenceWriter& s) { s.override_parameters({.uri = uri}); }),
              length == limits::kUriBytes ? kNone : Error::kValueOutOfRange);
  }
}

// --- content ---

TEST_F(Processing, FetchWritesAndVerifies) {
  payloads_.pauses = true;
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.override_parameters({.digest = digest_of(image_), .image_size = image_.size(), .uri = "p"});
              s.command(command::kFetch, 2).command(command::kImageMatch, 15);
            }),
            kNone);
  EXPECT_GT(waits_, 10);
  EXPECT_EQ(device_[0]->content, image_);
  EXPECT_EQ(platform_.log, (std::vector<std::string>{"open 0", "finish 0 1000", "digest 0"}));
}

TEST_F(Processing, AnAlteredImageIsNotStaged) {
  payloads_.payloads["p"][500] ^= 1;
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.override_parameters({.digest = digest_of(image_), .image_size = image_.size(), .uri = "p"});
              s.command(command::kFetch, 2).command(command::kImageMatch, 15);
            }),
            Error::kImageDigestMismatch);
}

TEST_F(Processing, FetchGoesOnWhereItWasInterrupted) {
  device_[0]->content.assign(image_.begin(), image_.begin() + 600);
  device_[0]->kept = 600;
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.override_parameters({.digest = digest_of(image_), .image_size = image_.size(), .uri = "p"});
              s.command(command::kFetch, 2).command(command::kImageMatch, 15);
            }),
            kNone);
  EXPECT_EQ(payloads_.offsets.front(), 600U);
}

TEST_F(Processing, SizesAreHeld) {
  struct Row {
    uint64_t said;
    Error error;
  };
  for (const Row row : {Row{1000, kNone}, Row{999, Error::kImageSizeMismatch}, Row{1001, Error::kImageSizeMismatch},
                        Row{1U << 21U, Error::kImageTooLarge}, Row{uint64_t{1} << 40U, Error::kImageTooLarge}}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    device_[0] = &platform_.add(testing::component_id(0), "0");
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.override_parameters({.image_size = row.said, .uri = "p"}).command(command::kFetch, 2);
              }),
              row.error)
        << row.said;
    EXPECT_LE(device_[0]->content.size(), std::min<uint64_t>(row.said, 1000)) << "endless data are cut off";
  }
}

TEST_F(Processing, PayloadsAndParametersThatAreMissing) {
  EXPECT_EQ(install([](SequenceWriter& s) { s.override_parameters({.uri = "q"}).command(command::kFetch, 2); }),
            Error::kPayloadUnavailable);
  for (const int64_t label : {command::kFetch, command::kCopy, command::kWrite}) {
    author_ = std::move(testing::Author().member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([&](SequenceWriter& s) { s.command(label, 2); }), Error::kParameterMissing) << label;
  }
}

TEST_F(Processing, WhoHasNoRightWritesNothing) {
  authorization_ = &nothing_;
  for (const int64_t label : {command::kFetch, command::kCopy, command::kWrite}) {
    author_ = std::move(testing::Author().components(2).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.set_component_index(0).override_parameters({.content = "01"_hex, .uri = "p", .source_component = 1});
                s.command(label, 2);
              }),
              Error::kSignerNotPermitted)
        << label;
    EXPECT_TRUE(platform_.log.empty());
  }
}

TEST_F(Processing, WriteAndCopy) {
  author_.components(2);
  const Octets small = {1, 2, 3};
  EXPECT_EQ(install([&](SequenceWriter& s) {
              s.set_component_index(0).override_parameters({.content = small}).command(command::kWrite, 2);
              s.set_component_index(1).override_parameters({.source_component = 0}).command(command::kCopy, 2);
            }),
            kNone);
  EXPECT_EQ(device_[0]->content, small);
  EXPECT_EQ(device_[1]->content, small);
  for (const size_t size : {0U, 127U, 128U, 129U, 1000U}) {
    device_[0]->content.assign(size, 0x42);
    author_ = std::move(testing::Author().components(2).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([](SequenceWriter& s) {
                s.set_component_index(1).override_parameters({.source_component = 0}).command(command::kCopy, 2);
              }),
              kNone);
    EXPECT_EQ(device_[1]->content, Octets(size, 0x42));
  }
}

TEST_F(Processing, CopyNeedsAnotherComponentThatExists) {
  for (const uint64_t source : {uint64_t{1}, uint64_t{2}, UINT64_MAX}) {
    author_ = std::move(testing::Author().components(2).member(manifest_key::kValidate, {0x80}));
    EXPECT_EQ(install([&](SequenceWriter& s) {
                s.set_component_index(1).override_parameters({.source_component = source}).command(command::kCopy, 2);
              }),
              Error::kComponentIndexInvalid)
        << source;
  }
}

TEST_F(Processing, EveryPortCallThatFailsIsReported) {
  author_.components(2).member(manifest_key::kInvoke, sequence([](SequenceWriter& s) {
                                 s.set_component_index(0).command(command::kInvoke, 2);
                               }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                   s.set_component_index(0).override_parameters({.digest = digest_of(image_), .uri = "p"});
                   s.command(command::kFetch, 2).command(command::kImageMatch, 15);
                   s.set_component_index(1).override_parameters({.source_component = 0}).command(command::kCopy, 2);
                 }));
  int failures = 0;
  for (int nth = 1;; ++nth) {
    for (uint8_t i = 0; i < 2; ++i) device_[i] = &platform_.add(testing::component_id(i), std::to_string(i));
    platform_.calls = 0;
    platform_.fail_at = nth;
    const Error error = run();
    if (error == kNone) break;
    ++failures;
    EXPECT_TRUE(error == Error::kFlashEraseFailed || error == Error::kFlashWriteFailed ||
                error == Error::kFlashReadFailed)
        << name_of(error);
  }
  EXPECT_GT(failures, 30);
  platform_.calls = 0;
  platform_.fail_at = 1;
  EXPECT_EQ(run(Procedure::kInvoke), Error::kInvokeFailed);
}

TEST_F(Processing, ThePositionOfAFailureIsKnown) {
  author_.components(2);
  EXPECT_EQ(install([](SequenceWriter& s) { s.set_component_index(1).command(command::kAbort, 15); }),
            Error::kManifestAborted);
  const Position position = processor_->position();
  EXPECT_EQ(position.section, manifest_key::kInstall);
  EXPECT_EQ(position.offset, 3) << "behind the array's head and set-component-index";
  EXPECT_EQ(position.component, 1);
  author_.shared(sequence([](SequenceWriter& s) { s.set_component_index(0).command(command::kVendorIdentifier, 15); }));
  EXPECT_EQ(run(), Error::kVendorMismatch);
  EXPECT_EQ(processor_->position().section, 0);
  EXPECT_EQ(processor_->position().offset, 3);
}

}  // namespace
}  // namespace tailor::processor
