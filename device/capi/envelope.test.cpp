// SPDX-License-Identifier: Apache-2.0
// The C API, used by a handler written in C11; built with an allocator of the integrator's that counts and fails.
#include "tailor/envelope.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "device/capi/ram_handler.h"
#include "tailor/alloc.h"
#include "testing/suit/author.hpp"

namespace {

int allocations = 0;
int fail_at = 0;
int outstanding = 0;
size_t largest = 0;

}  // namespace

extern "C" void* counted_alloc(size_t size) {
  if (++allocations == fail_at) return nullptr;
  ++outstanding;
  largest = std::max(largest, size);
  return std::malloc(size);
}

extern "C" void counted_free(void* pointer) {
  EXPECT_NE(pointer, nullptr);
  --outstanding;
  std::free(pointer);
}

namespace tailor {
namespace {

using suit::SequenceWriter;
using testing::Octets;
using testing::sequence;
namespace command = suit::command;
namespace manifest_key = suit::manifest_key;

class Integrator : public ::testing::Test {
 protected:
  Integrator() {
    ram_handler_init(&handler_, device_.get());
    std::fill(std::begin(handler_.vendor_id), std::end(handler_.vendor_id), uint8_t{0xAA});
    std::fill(std::begin(handler_.class_id), std::end(handler_.class_id), uint8_t{0xBB});
    const auto key = crypto::public_key_of(author_.key()).value();
    keys_[0] = {TAILOR_KEY_P256, TAILOR_KEY_BYTES, {}};
    std::copy(key.xy.begin(), key.xy.end(), std::begin(keys_[0].bytes));
    device_->remote = remote_.data();
    device_->remote_size = remote_.size();
    allocations = fail_at = 0;
    author_.number(7).components(2);
    author_.shared(for_this_class());
    author_.member(manifest_key::kValidate,
                   sequence([](SequenceWriter& s) { s.set_all_components().command(command::kImageMatch, 15); }));
    author_.member(
        manifest_key::kInstall, sequence([this](SequenceWriter& s) {
          const auto digest = [](const Octets& bytes) { return crypto::sha256(bytes).value(); };
          s.set_component_index(0);
          s.override_parameters({.digest = digest(inside_), .image_size = inside_.size(), .uri = "#inside"});
          s.command(command::kFetch, 2);
          s.set_component_index(1);
          s.override_parameters({.digest = digest(remote_), .image_size = remote_.size(), .uri = "/img/remote"});
          s.command(command::kFetch, 2).command(command::kInvoke, 2);
        }));
    author_.payload("#inside", inside_);
  }
  void TearDown() override { EXPECT_EQ(outstanding, 0) << "memory is not given back"; }

  Octets for_this_class() const {
    return sequence([this](SequenceWriter& s) {
      Uuid vendor, device_class;
      std::copy_n(handler_.vendor_id, 16, vendor.bytes.begin());
      std::copy_n(handler_.class_id, 16, device_class.bytes.begin());
      s.set_all_components().override_parameters({.vendor = vendor, .device_class = device_class});
      s.command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
    });
  }

  tailor_error_t receive(const Octets& bytes, size_t chunk = 100) {
    const tailor_anchors_t anchors{keys_, 1};
    tailor_envelope_t* envelope = nullptr;
    tailor_error_t error = tailor_envelope_open(&anchors, &handler_, 0, &envelope);
    if (error != TAILOR_OK) {
      EXPECT_EQ(envelope, nullptr);
      tailor_envelope_close(envelope);
      return error;
    }
    tailor_progress_t progress = TAILOR_PROGRESS_NEED_INPUT;
    size_t at = 0;
    while (error == TAILOR_OK && progress != TAILOR_PROGRESS_DONE) {
      if (progress == TAILOR_PROGRESS_NEED_INPUT && at == bytes.size()) break;
      size_t consumed = 0;
      error =
          tailor_envelope_feed(envelope, bytes.data() + at, std::min(chunk, bytes.size() - at), &consumed, &progress);
      at += consumed;
    }
    EXPECT_EQ(allocations, 2) << "feeding allocates nothing";
    if (error == TAILOR_OK) error = tailor_envelope_finish(envelope);
    tailor_envelope_close(envelope);
    return error;
  }

  Octets inside_ = Octets(40000, 0x11);
  Octets remote_ = Octets(3000, 0x22);
  std::unique_ptr<ram_device_t> device_ = std::make_unique<ram_device_t>();
  tailor_update_handler_t handler_{};
  testing::Author author_;
  tailor_key_t keys_[1];
};

TEST_F(Integrator, GetsTheUpdateComponentByComponent) {
  ASSERT_EQ(receive(author_.envelope()), TAILOR_OK);
  EXPECT_EQ(device_->seen_sequence_number, 7U);
  EXPECT_EQ(device_->opened, 2);
  EXPECT_EQ(device_->finished, 2);
  EXPECT_EQ(device_->invoked, 1);
  EXPECT_EQ(Octets(device_->content[0], device_->content[0] + device_->size[0]), inside_);
  EXPECT_EQ(Octets(device_->content[1], device_->content[1] + device_->size[1]), remote_);
}

TEST_F(Integrator, EveryAllocationMayFail) {
  const Octets envelope = author_.envelope();
  int failures = 0;
  for (int nth = 1;; ++nth) {
    allocations = 0;
    fail_at = nth;
    const tailor_error_t error = receive(envelope);
    if (error == TAILOR_OK) break;
    ++failures;
    EXPECT_EQ(error, TAILOR_ERROR_ALLOCATION_FAILED);
    EXPECT_EQ(outstanding, 0);
    EXPECT_EQ(device_->opened, 0);
  }
  EXPECT_EQ(failures, 2) << "as many as tailor/alloc.h lists";
  EXPECT_LE(largest, std::max<size_t>(TAILOR_ENVELOPE_STATE_BYTES, TAILOR_ENVELOPE_BUFFER_BYTES));
}

TEST_F(Integrator, RefusalsReachTheCaller) {
  const Octets envelope = author_.envelope();
  device_->refuse_manifest = true;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_UPDATE_IN_PROGRESS);
  device_->refuse_manifest = false;
  allocations = 0;
  device_->installed_sequence_number = 8;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_SEQUENCE_NUMBER_TOO_LOW);
  device_->installed_sequence_number = 7;
  allocations = 0;
  const tailor_key_t another{TAILOR_KEY_P256, TAILOR_KEY_BYTES, {}};
  device_->permitted_key = &another;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_SIGNER_NOT_PERMITTED);
  device_->permitted_key = &keys_[0];
  allocations = 0;
  keys_[0].size = TAILOR_KEY_BYTES - 1;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_SIGNER_UNKNOWN) << "a P-256 key has 64 bytes";
  keys_[0].size = TAILOR_KEY_BYTES;
  keys_[0].kind = 9;
  allocations = 0;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_SIGNER_UNKNOWN) << "no kind of key";
  keys_[0].kind = TAILOR_KEY_P256;
  allocations = 0;
  handler_.class_id[3] ^= 1;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_CLASS_MISMATCH);
  handler_.class_id[3] ^= 1;
  EXPECT_EQ(device_->opened, 0) << "nothing was written";
  allocations = 0;
  Octets altered = envelope;
  altered[60] ^= 1;
  EXPECT_NE(receive(altered), TAILOR_OK);
  EXPECT_EQ(device_->opened, 0);
  allocations = 0;
  Octets cut(envelope.begin(), envelope.end() - 1);
  EXPECT_EQ(receive(cut), TAILOR_ERROR_TRUNCATED);
  allocations = 0;
  handler_.fetch = nullptr;
  EXPECT_EQ(receive(envelope), TAILOR_ERROR_PAYLOAD_UNAVAILABLE);
}

/// Updates of other commands, with a handler that has all optional functions and with one that has none.
class Optional : public Integrator {
 protected:
  tailor_error_t installs(const std::function<void(SequenceWriter&)>& write) {
    testing::Author author;
    author.like(author_).number(7).components(2).shared(for_this_class());
    author.member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.set_all_components(); }));
    author.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                    s.set_component_index(0);
                    write(s);
                  }));
    allocations = 0;
    return receive(author.envelope());
  }
};

TEST_F(Optional, WhatAHandlerDoesNotProvideIsRefusedByNameAndOtherwiseAsked) {
  const Octets content = {1, 2, 3};
  const struct {
    const char* name;
    tailor_error_t without;
    std::function<void(SequenceWriter&)> write;
    std::function<bool()> happened;
  } rows[] = {
      {"swap", TAILOR_ERROR_COMMAND_UNSUPPORTED,
       [](SequenceWriter& s) { s.override_parameters({.source_component = 1}).command(command::kSwap, 2); },
       [&] { return device_->size[0] == 1 && device_->size[1] == 2 && device_->content[0][0] == 0x77; }},
      {"remove", TAILOR_ERROR_COMMAND_UNSUPPORTED, [](SequenceWriter& s) { s.command(command::kUnlink, 2); },
       [&] { return device_->unlinked == 1 && device_->size[0] == 0; }},
      {"metadata", TAILOR_ERROR_PARAMETER_UNSUPPORTED,
       [&](SequenceWriter& s) {
         s.override_parameters({.content = content, .component_metadata = "a10502"_hex}).command(command::kWrite, 2);
       },
       [&] { return device_->metadata_size == 3 && device_->size[0] == 3; }},
      {"fetch arguments", TAILOR_ERROR_PARAMETER_UNSUPPORTED,
       [](SequenceWriter& s) {
         s.override_parameters({.uri = "/img/remote", .fetch_arguments = "01020304"_hex}).command(command::kFetch, 2);
       },
       [&] { return device_->fetch_argument_size == 4 && device_->size[0] == remote_.size(); }},
      {"use-before", TAILOR_ERROR_TIME_UNKNOWN,
       [](SequenceWriter& s) { s.override_parameters({.use_before = 1001}).command(command::kUseBefore, 2); },
       [] { return true; }},
      {"minimum battery", TAILOR_ERROR_COMMAND_UNSUPPORTED,
       [](SequenceWriter& s) { s.override_parameters({.minimum_battery = 50}).command(command::kMinimumBattery, 2); },
       [] { return true; }},
      {"update authorized", TAILOR_ERROR_COMMAND_UNSUPPORTED,
       [](SequenceWriter& s) { s.override_parameters({.update_priority = -3}).command(command::kUpdateAuthorized, 2); },
       [&] { return device_->seen_value == -3 && device_->answer == TAILOR_ANSWER_YES; }},
      {"wait", TAILOR_ERROR_PARAMETER_UNSUPPORTED,
       [](SequenceWriter& s) { s.override_parameters({.wait_info = "a10201"_hex}).command(command::kWait, 2); },
       [&] { return device_->seen_event == TAILOR_EVENT_POWER && device_->seen_value == 1; }},
      {"version", TAILOR_ERROR_COMMAND_UNSUPPORTED,
       [](SequenceWriter& s) { s.override_parameters({.version = "8203820102"_hex}).command(command::kVersion, 2); },
       [] { return true; }},
  };
  const tailor_update_handler_t bare = handler_;
  for (const auto& row : rows) {
    handler_ = bare;
    EXPECT_EQ(installs(row.write), row.without) << row.name;
    ram_handler_add_optional(&handler_);
    device_->size[0] = 2;
    device_->size[1] = 1;
    device_->content[1][0] = 0x77;
    device_->seconds = 1000;
    device_->milliwatt_hours = 50;
    device_->answer = TAILOR_ANSWER_LATER;  // the first time; it is asked again
    device_->version[0] = 1;
    device_->version[1] = 2;
    device_->version[2] = 3;
    EXPECT_EQ(installs(row.write), TAILOR_OK) << row.name;
    EXPECT_TRUE(row.happened()) << row.name;
    EXPECT_EQ(device_->staged_components, 2U);
    device_->staged_components = 0;
  }
}

TEST_F(Optional, WhatTheHandlerSaysIsWhatCounts) {
  ram_handler_add_optional(&handler_);
  device_->answer = TAILOR_ANSWER_NO;
  EXPECT_EQ(installs([](SequenceWriter& s) { s.command(command::kUpdateAuthorized, 2); }),
            TAILOR_ERROR_UPDATE_NOT_AUTHORIZED);
  device_->milliwatt_hours = 49;
  EXPECT_EQ(installs([](SequenceWriter& s) {
              s.override_parameters({.minimum_battery = 50}).command(command::kMinimumBattery, 2);
            }),
            TAILOR_ERROR_BATTERY_TOO_LOW);
  device_->seconds = 1763668800;  // Thursday 20:00 UTC; the handler's local time is an hour behind
  EXPECT_EQ(installs([](SequenceWriter& s) {
              s.override_parameters({.wait_info = "a10704"_hex}).command(command::kWait, 2);
            }),
            TAILOR_OK);
  handler_.local_time_offset = nullptr;
  EXPECT_EQ(installs([](SequenceWriter& s) {
              s.override_parameters({.wait_info = "a10704"_hex}).command(command::kWait, 2);
            }),
            TAILOR_ERROR_PARAMETER_UNSUPPORTED);
  const Octets content = {1, 2, 3};
  const auto write = [&](SequenceWriter& s) {
    s.override_parameters({.content = content}).command(command::kWrite, 2);
  };
  device_->references[0] = 1;
  EXPECT_EQ(installs(write), TAILOR_ERROR_COMPONENT_IN_USE);
  EXPECT_EQ(device_->opened, 0);
  device_->references[0] = 0;
  EXPECT_EQ(installs(write), TAILOR_OK);
}

TEST_F(Integrator, UnknownComponentsAreRefused) {
  author_.components(3);
  EXPECT_EQ(receive(author_.envelope()), TAILOR_ERROR_COMPONENT_UNKNOWN);
}

}  // namespace
}  // namespace tailor
