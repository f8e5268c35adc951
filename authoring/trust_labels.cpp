// SPDX-License-Identifier: Apache-2.0
#include "authoring/trust_labels.hpp"

#include <charconv>
#include <span>

#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

struct Name {
  int64_t label;
  const char* text;
};

namespace command = suit::command;
constexpr Name kCommands[] = {{command::kVendorIdentifier, "vendor-identifier"},
                              {command::kClassIdentifier, "class-identifier"},
                              {command::kImageMatch, "image-match"},
                              {command::kUseBefore, "use-before"},
                              {command::kComponentSlot, "component-slot"},
                              {command::kCheckContent, "check-content"},
                              {command::kDependencyIntegrity, "dependency-integrity"},
                              {command::kIsDependency, "is-dependency"},
                              {command::kProcessDependency, "process-dependency"},
                              {command::kSetComponentIndex, "set-component-index"},
                              {command::kAbort, "abort"},
                              {command::kTryEach, "try-each"},
                              {command::kWrite, "write"},
                              {command::kSetParameters, "set-parameters"},
                              {command::kOverrideParameters, "override-parameters"},
                              {command::kFetch, "fetch"},
                              {command::kCopy, "copy"},
                              {command::kInvoke, "invoke"},
                              {command::kDeviceIdentifier, "device-identifier"},
                              {command::kImageNotMatch, "image-not-match"},
                              {command::kMinimumBattery, "minimum-battery"},
                              {command::kUpdateAuthorized, "update-authorized"},
                              {command::kVersion, "version"},
                              {command::kWait, "wait"},
                              {command::kSwap, "swap"},
                              {command::kRunSequence, "run-sequence"},
                              {command::kUnlink, "unlink"},
                              {command::kOverrideMultiple, "override-multiple"},
                              {command::kCopyParameters, "copy-params"}};

namespace parameter = suit::parameter;
constexpr Name kParameters[] = {{parameter::kVendorIdentifier, "vendor-identifier"},
                                {parameter::kClassIdentifier, "class-identifier"},
                                {parameter::kImageDigest, "image-digest"},
                                {parameter::kUseBefore, "use-before"},
                                {parameter::kComponentSlot, "component-slot"},
                                {parameter::kStrictOrder, "strict-order"},
                                {parameter::kSoftFailure, "soft-failure"},
                                {parameter::kImageSize, "image-size"},
                                {parameter::kContent, "content"},
                                {parameter::kEncryptionInfo, "encryption-info"},
                                {parameter::kUri, "uri"},
                                {parameter::kSourceComponent, "source-component"},
                                {parameter::kInvokeArguments, "invoke-args"},
                                {parameter::kDeviceIdentifier, "device-identifier"},
                                {parameter::kFetchArguments, "fetch-arguments"},
                                {parameter::kMinimumBattery, "minimum-battery"},
                                {parameter::kUpdatePriority, "update-priority"},
                                {parameter::kVersion, "version"},
                                {parameter::kWaitInfo, "wait-info"},
                                {parameter::kComponentMetadata, "component-metadata"}};

std::span<const Name> names_of(trust::Action::Kind kind) {
  if (kind == trust::Action::Kind::kCommand) return kCommands;
  return kParameters;
}

}  // namespace

Outcome<int64_t> label_from_text(trust::Action::Kind kind, std::string_view text) {
  for (const Name& name : names_of(kind)) {
    if (text == name.text) return name.label;
  }
  int64_t label = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return label;
  const char* what = kind == trust::Action::Kind::kCommand ? "command" : "parameter";
  return fail(Error::kValueOutOfRange, "'" + std::string(text) + "' is no " + what);
}

std::string label_to_text(trust::Action::Kind kind, int64_t label) {
  for (const Name& name : names_of(kind)) {
    if (label == name.label) return name.text;
  }
  return std::to_string(label);
}

}  // namespace tailor::authoring
