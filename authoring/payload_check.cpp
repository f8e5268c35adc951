// SPDX-License-Identifier: Apache-2.0
#include "authoring/payload_check.hpp"

#include "authoring/summary.hpp"
#include "authoring/walk/flow.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

/// What a component holds, as far as it can be told without a device.
struct Held {
  const Node* bytes = nullptr;
};

/// Runs the fetches, copies and writes of one course through the branches, and compares at each image-match.
class Contents {
 public:
  explicit Contents(const Walked& walked) : walked_(walked) {}

  Outcome<void> compare(std::optional<uint64_t> slot) {
    for (const Step& step : flow_of(walked_, slot).steps) {
      switch (step.command->key) {
        case suit::command::kFetch:
          held_[step.component] = {payload(step)};
          break;
        case suit::command::kWrite:
          held_[step.component] = {plain(step, suit::parameter::kContent)};
          break;
        case suit::command::kCopy:
          held_[step.component] = copied(step);
          break;
        case suit::command::kSwap:
        case suit::command::kProcessDependency:
          held_.clear();
          break;
        case suit::command::kImageMatch:
          TAILOR_TRY(match(step));
          break;
        default:
          break;
      }
    }
    return kOk;
  }

 private:
  static const Node* parameter(const Step& step, int64_t label) {
    const auto found = step.parameters.find(label);
    return found == step.parameters.end() ? nullptr : found->second;
  }
  /// A parameter's value, unless it is encrypted.
  static const Node* plain(const Step& step, int64_t label) {
    return parameter(step, suit::parameter::kEncryptionInfo) != nullptr ? nullptr : parameter(step, label);
  }

  const Node* payload(const Step& step) const {
    const Node* uri = plain(step, suit::parameter::kUri);
    if (uri == nullptr || is_dependency(walked_, step.component)) return nullptr;
    for (const Node* member : walked_.payloads()) {
      if (uri_of_payload(*member) == as_text(uri->content)) return member;
    }
    return nullptr;
  }

  Held copied(const Step& step) {
    const Node* source = plain(step, suit::parameter::kSourceComponent);
    return source == nullptr ? Held{} : held_[source->argument];
  }

  Outcome<void> match(const Step& step) {
    const Node* expected = parameter(step, suit::parameter::kImageDigest);
    const Node* bytes = held_[step.component].bytes;
    if (expected == nullptr || bytes == nullptr) return kOk;
    TAILOR_TRY_ASSIGN(const ImageDigest digest, digest_of_node(*expected));
    TAILOR_TRY_ASSIGN(const ImageDigest computed, digest_of(digest.algorithm, bytes->content));
    if (computed == digest) return kOk;
    return fail(Error::kImageDigestMismatch, "at byte " + std::to_string(bytes->offset) + ", " + bytes->path +
                                                 ": the digest at " + expected->path +
                                                 " is another (SUIT manifest 8.4.9.2)");
  }

  const Walked& walked_;
  std::map<uint64_t, Held> held_;
};

}  // namespace

Outcome<void> check_payloads(const Walked& walked) {
  const std::set<uint64_t> slots = slots_of(walked);
  for (const uint64_t slot : slots) TAILOR_TRY(Contents(walked).compare(slot));
  return slots.empty() ? Contents(walked).compare(std::nullopt) : Outcome<void>(kOk);
}

}  // namespace tailor::authoring
