// SPDX-License-Identifier: Apache-2.0
// The fixture of the processor's tests: a declared device with three components, and one manifest for it.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "core/processor/dependencies.hpp"
#include "core/processor/processor.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::processor {

using suit::SequenceWriter;
using testing::Octets;
using testing::sequence;
namespace command = suit::command;
namespace manifest_key = suit::manifest_key;

inline constexpr Error kNone = Error{};

inline crypto::Sha256Digest digest_of(const Octets& bytes) {
  return crypto::sha256(bytes).value();
}

/// A device with components 0 to 2, and one manifest for it.
class Processing : public ::testing::Test {
 protected:
  Processing() {
    platform_.who.vendor.bytes.fill(0xAA);
    platform_.who.device_class.bytes.fill(0xBB);
    platform_.who.device.bytes.fill(0xCC);
    for (uint8_t i = 0; i < 3; ++i) device_.push_back(&platform_.add(testing::component_id(i), std::to_string(i)));
    payloads_.payloads["p"] = image_;
  }

  /// Runs a procedure to its end; kNone when it succeeds.
  Error run(Procedure procedure = Procedure::kUpdate, const CommandTable& commands = kUpdateCommands) {
    envelope_ = author_.envelope();
    const auto envelope = suit::Envelope::from_bytes(envelope_);
    if (!envelope.ok()) return envelope.error();
    authentic_.emplace(suit::authenticate(*envelope, author_.anchors(), {}));
    if (!authentic_->ok()) return authentic_->error();
    dependencies_.emplace(dependency_buffer_, author_.anchors());
    processor_.emplace(Seams{platform_, payloads_, *authorization_, &recorder_, &*dependencies_, &custom_, leniency_},
                       commands);
    const auto applicable = processor_->check(**authentic_);
    if (!applicable.ok()) return applicable.error();
    const Status started = processor_->start(*applicable, procedure);
    if (!started.ok()) return started.error();
    for (waits_ = 0; waits_ < 100000; ++waits_) {
      EXPECT_FALSE(processor_->staged().ok());
      const auto progress = processor_->step();
      if (!progress.ok()) {
        EXPECT_EQ(processor_->step().error(), progress.error()) << "the first error is final";
        EXPECT_EQ(processor_->staged().error(), Error::kStateConflict);
        return progress.error();
      }
      if (*progress == Progress::kDone) {
        EXPECT_EQ(processor_->staged().ok(), procedure != Procedure::kStaging && procedure != Procedure::kUninstall);
        return kNone;
      }
    }
    return Error::kTimeout;
  }

  /// Runs one sequence as the install section.
  Error install(const std::function<void(SequenceWriter&)>& write) {
    author_.member(manifest_key::kInstall, sequence(write));
    return run();
  }
  Error install(Octets raw) {
    author_.member(manifest_key::kInstall, std::move(raw));
    return run();
  }

  testing::DeclaredRecorder recorder_;
  CustomCommands custom_;
  suit::Leniency leniency_;
  std::array<uint8_t, 4096> dependency_buffer_;
  std::optional<Dependencies> dependencies_;
  Octets image_ = Octets(1000, 0x77);
  testing::DeclaredPlatform platform_;
  testing::DeclaredPayloads payloads_;
  testing::AllowAll all_;
  testing::AllowNothing nothing_;
  const Authorization* authorization_ = &all_;
  std::vector<testing::DeclaredComponent*> device_;
  // Validate goes in first, because members are in the order of their keys.
  testing::Author author_ = std::move(
      testing::Author().member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.set_all_components(); })));
  Octets envelope_;
  std::optional<Result<suit::AuthenticManifest>> authentic_;
  std::optional<Processor> processor_;
  int waits_ = 0;
};

}  // namespace tailor::processor
