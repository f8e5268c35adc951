// SPDX-License-Identifier: Apache-2.0
#include "authoring/walk/grammar.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

constexpr const char* kEnvelopeClause = "SUIT manifest 8.2";
constexpr const char* kManifestClause = "SUIT manifest 8.4";
constexpr const char* kCommonClause = "SUIT manifest 8.4.5";
constexpr const char* kParameterClause = "SUIT manifest 8.4.8";
constexpr const char* kConditionClause = "SUIT manifest 8.4.9";
constexpr const char* kDirectiveClause = "SUIT manifest 8.4.10";
constexpr const char* kTextClause = "SUIT manifest 8.4.4";
constexpr const char* kTrust = "SUIT trust domains";
constexpr const char* kUpdate = "SUIT update management";
constexpr const char* kFirmware = "SUIT firmware encryption";
constexpr const char* kCose = "RFC 9052 3.1";

constexpr Element kElements[] = {
    {Shape::kEnvelope, 2, "authentication-wrapper", Shape::kWrapper, true, false, "SUIT manifest 8.3"},
    {Shape::kEnvelope, 3, "manifest", Shape::kManifest, true, false, kManifestClause},
    {Shape::kEnvelope, 14, "coswid", Shape::kAny, true, false, kUpdate},
    {Shape::kEnvelope, 15, "dependency-resolution", Shape::kSequence, true, false, kTrust},
    {Shape::kEnvelope, 16, "payload-fetch", Shape::kSequence, true, false, kEnvelopeClause},
    {Shape::kEnvelope, 18, "candidate-verification", Shape::kSequence, true, false, kTrust},
    {Shape::kEnvelope, 20, "install", Shape::kSequence, true, false, kEnvelopeClause},
    {Shape::kEnvelope, 23, "text", Shape::kTexts, true, false, kTextClause},

    {Shape::kManifest, 1, "manifest-version", Shape::kVersionOne, false, false, "SUIT manifest 8.4.1"},
    {Shape::kManifest, 2, "manifest-sequence-number", Shape::kUnsigned, false, false, "SUIT manifest 8.4.2"},
    {Shape::kManifest, 3, "common", Shape::kCommon, true, false, kCommonClause},
    {Shape::kManifest, 4, "reference-uri", Shape::kText, false, false, "SUIT manifest 8.4.3"},
    {Shape::kManifest, 5, "manifest-component-id", Shape::kComponentId, false, false, kTrust},
    {Shape::kManifest, 6, "set-version", Shape::kVersion, true, false, kUpdate},
    {Shape::kManifest, 7, "validate", Shape::kSequence, true, false, kManifestClause},
    {Shape::kManifest, 8, "load", Shape::kSequence, true, false, kManifestClause},
    {Shape::kManifest, 9, "invoke", Shape::kSequence, true, false, kManifestClause},
    {Shape::kManifest, 14, "coswid", Shape::kAny, true, true, kUpdate},
    {Shape::kManifest, 15, "dependency-resolution", Shape::kSequence, true, true, kTrust},
    {Shape::kManifest, 16, "payload-fetch", Shape::kSequence, true, true, kManifestClause},
    {Shape::kManifest, 18, "candidate-verification", Shape::kSequence, true, true, kTrust},
    {Shape::kManifest, 20, "install", Shape::kSequence, true, true, kManifestClause},
    {Shape::kManifest, 23, "text", Shape::kTexts, true, true, kTextClause},
    {Shape::kManifest, 24, "uninstall", Shape::kSequence, true, false, kTrust},

    {Shape::kCommon, 1, "dependencies", Shape::kDependencies, false, false, kTrust},
    {Shape::kCommon, 2, "components", Shape::kComponents, false, false, kCommonClause},
    {Shape::kCommon, 4, "shared-sequence", Shape::kSharedSequence, true, false, kCommonClause},
    {Shape::kDependency, 1, "dependency-prefix", Shape::kComponentId, false, false, kTrust},

    {Shape::kSequence, 1, "condition-vendor-identifier", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 2, "condition-class-identifier", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 3, "condition-image-match", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 4, "condition-use-before", Shape::kPolicy, false, false, kUpdate},
    {Shape::kSequence, 5, "condition-component-slot", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 6, "condition-check-content", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 7, "condition-dependency-integrity", Shape::kPolicy, false, false, kTrust},
    {Shape::kSequence, 8, "condition-is-dependency", Shape::kPolicy, false, false, kTrust},
    {Shape::kSequence, 11, "directive-process-dependency", Shape::kPolicy, false, false, kTrust},
    {Shape::kSequence, 12, "directive-set-component-index", Shape::kIndexArgument, false, false, kDirectiveClause},
    {Shape::kSequence, 14, "condition-abort", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 15, "directive-try-each", Shape::kBranches, false, false, kDirectiveClause},
    {Shape::kSequence, 18, "directive-write", Shape::kPolicy, false, false, kDirectiveClause},
    {Shape::kSequence, 19, "directive-set-parameters", Shape::kParameters, false, false, kTrust},
    {Shape::kSequence, 20, "directive-override-parameters", Shape::kParameters, false, false, kDirectiveClause},
    {Shape::kSequence, 21, "directive-fetch", Shape::kPolicy, false, false, kDirectiveClause},
    {Shape::kSequence, 22, "directive-copy", Shape::kPolicy, false, false, kDirectiveClause},
    {Shape::kSequence, 23, "directive-invoke", Shape::kPolicy, false, false, kDirectiveClause},
    {Shape::kSequence, 24, "condition-device-identifier", Shape::kPolicy, false, false, kConditionClause},
    {Shape::kSequence, 25, "condition-image-not-match", Shape::kPolicy, false, false, kUpdate},
    {Shape::kSequence, 26, "condition-minimum-battery", Shape::kPolicy, false, false, kUpdate},
    {Shape::kSequence, 27, "condition-update-authorized", Shape::kPolicy, false, false, kUpdate},
    {Shape::kSequence, 28, "condition-version", Shape::kPolicy, false, false, kUpdate},
    {Shape::kSequence, 29, "directive-wait", Shape::kPolicy, false, false, kUpdate},
    {Shape::kSequence, 31, "directive-swap", Shape::kPolicy, false, false, kDirectiveClause},
    {Shape::kSequence, 32, "directive-run-sequence", Shape::kSequence, true, false, kDirectiveClause},
    {Shape::kSequence, 33, "directive-unlink", Shape::kPolicy, false, false, kTrust},
    {Shape::kSequence, 34, "directive-override-multiple", Shape::kParametersOfEach, false, false, kUpdate},
    {Shape::kSequence, 35, "directive-copy-params", Shape::kParameterLists, false, false, kUpdate},

    {Shape::kParameters, 1, "vendor-identifier", Shape::kVendorId, false, false, kParameterClause},
    {Shape::kParameters, 2, "class-identifier", Shape::kUuid, false, false, kParameterClause},
    {Shape::kParameters, 3, "image-digest", Shape::kDigest, true, false, kParameterClause},
    {Shape::kParameters, 4, "use-before", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kParameters, 5, "component-slot", Shape::kUnsigned, false, false, kParameterClause},
    {Shape::kParameters, 12, "strict-order", Shape::kBool, false, false, kParameterClause},
    {Shape::kParameters, 13, "soft-failure", Shape::kBool, false, false, kParameterClause},
    {Shape::kParameters, 14, "image-size", Shape::kUnsigned, false, false, kParameterClause},
    {Shape::kParameters, 18, "content", Shape::kBytes, false, false, kParameterClause},
    {Shape::kParameters, 19, "encryption-info", Shape::kEncryptionInfo, true, false, kFirmware},
    {Shape::kParameters, 21, "uri", Shape::kText, false, false, kParameterClause},
    {Shape::kParameters, 22, "source-component", Shape::kIndex, false, false, kParameterClause},
    {Shape::kParameters, 23, "invoke-args", Shape::kBytes, false, false, kParameterClause},
    {Shape::kParameters, 24, "device-identifier", Shape::kUuid, false, false, kParameterClause},
    {Shape::kParameters, 25, "fetch-arguments", Shape::kBytes, false, false, kParameterClause},
    {Shape::kParameters, 26, "minimum-battery", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kParameters, 27, "update-priority", Shape::kInt, false, false, kUpdate},
    {Shape::kParameters, 28, "version", Shape::kVersionMatch, true, false, kUpdate},
    {Shape::kParameters, 29, "wait-info", Shape::kWaitInfo, true, false, kUpdate},
    {Shape::kParameters, 30, "component-metadata", Shape::kMetadata, true, false, kUpdate},

    {Shape::kWaitInfo, 1, "authorization", Shape::kInt, false, false, kUpdate},
    {Shape::kWaitInfo, 2, "power", Shape::kInt, false, false, kUpdate},
    {Shape::kWaitInfo, 3, "network", Shape::kInt, false, false, kUpdate},
    {Shape::kWaitInfo, 4, "other-device-version", Shape::kOtherDevice, false, false, kUpdate},
    {Shape::kWaitInfo, 5, "time", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kWaitInfo, 6, "time-of-day", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kWaitInfo, 7, "day-of-week", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kWaitInfo, 8, "time-of-day-utc", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kWaitInfo, 9, "day-of-week-utc", Shape::kUnsigned, false, false, kUpdate},

    {Shape::kMetadata, 1, "default-permissions", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kMetadata, 2, "user-permissions", Shape::kAny, false, false, kUpdate},
    {Shape::kMetadata, 3, "group-permissions", Shape::kAny, false, false, kUpdate},
    {Shape::kMetadata, 4, "role-permissions", Shape::kAny, false, false, kUpdate},
    {Shape::kMetadata, 5, "file-type", Shape::kUnsigned, false, false, kUpdate},
    {Shape::kMetadata, 6, "modification-time", Shape::kAny, false, false, kUpdate},
    {Shape::kMetadata, 7, "creation-time", Shape::kAny, false, false, kUpdate},
    {Shape::kMetadata, 8, "creator", Shape::kAny, false, false, kUpdate},

    {Shape::kHeader, 1, "algorithm-id", Shape::kAny, false, false, kCose},
    {Shape::kHeader, 2, "crit", Shape::kAny, false, false, kCose},
    {Shape::kHeader, 3, "content-type", Shape::kAny, false, false, kCose},
    {Shape::kHeader, 4, "key-id", Shape::kBytes, false, false, kCose},
    {Shape::kHeader, 5, "iv", Shape::kBytes, false, false, kCose},
    {Shape::kHeader, -1, "ephemeral-key", Shape::kCoseKey, false, false, "RFC 9053 6.3.1"},
    {Shape::kCoseKey, 1, "kty", Shape::kAny, false, false, "RFC 9052 7"},
    {Shape::kCoseKey, -1, "crv", Shape::kAny, false, false, "RFC 9053 7"},
    {Shape::kCoseKey, -2, "x", Shape::kAny, false, false, "RFC 9053 7"},
    {Shape::kCoseKey, -3, "y", Shape::kAny, false, false, "RFC 9053 7"},

    {Shape::kLanguage, 1, "manifest-description", Shape::kText, false, false, kTextClause},
    {Shape::kLanguage, 2, "update-description", Shape::kText, false, false, kTextClause},
    {Shape::kLanguage, 3, "manifest-json-source", Shape::kText, false, false, kTextClause},
    {Shape::kLanguage, 4, "manifest-yaml-source", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 1, "vendor-name", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 2, "model-name", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 3, "vendor-domain", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 4, "model-info", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 5, "component-description", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 6, "component-version", Shape::kText, false, false, kTextClause},
    {Shape::kComponentTexts, 7, "version-required", Shape::kText, false, false, kUpdate},
    {Shape::kComponentTexts, 8, "current-version", Shape::kText, false, false, kUpdate},
};

}  // namespace

const Element* find_element(Shape in, int64_t key) noexcept {
  if (in == Shape::kSharedSequence) in = Shape::kSequence;
  const auto* found = std::find_if(std::begin(kElements), std::end(kElements),
                                   [&](const Element& element) { return element.in == in && element.key == key; });
  return found == std::end(kElements) ? nullptr : found;
}

const Element* find_element(Shape in, const char* name) noexcept {
  const auto* found = std::find_if(std::begin(kElements), std::end(kElements), [&](const Element& element) {
    return element.in == in &&
           (std::strcmp(element.name, name) == 0 || std::strcmp(short_name(element.name), name) == 0);
  });
  return found == std::end(kElements) ? nullptr : found;
}

const char* short_name(const char* name) noexcept {
  for (const char* word : {"condition-", "directive-"}) {
    if (std::strncmp(name, word, std::strlen(word)) == 0) return name + std::strlen(word);
  }
  return name;
}

bool is_condition(int64_t command) noexcept {
  const Element* element = find_element(Shape::kSequence, command);
  return element != nullptr && std::strncmp(element->name, "condition-", 10) == 0;
}

bool allowed_in_shared(int64_t command) noexcept {
  return is_condition(command) || command == suit::command::kSetComponentIndex || command == suit::command::kTryEach ||
         command == suit::command::kOverrideParameters || command == suit::command::kRunSequence ||
         command == suit::command::kSetParameters;
}

const char* cose_algorithm_name(int64_t algorithm) noexcept {
  struct Row {
    int64_t algorithm;
    const char* name;
  };
  constexpr Row kRows[] = {
      {-7, "ES256"},       {-8, "EdDSA"},       {-9, "ESP256"},          {-19, "Ed25519"},
      {-46, "HSS-LMS"},    {5, "HMAC-256"},     {-3, "A128KW"},          {-4, "A192KW"},
      {-5, "A256KW"},      {-6, "direct"},      {-29, "ECDH-ES+A128KW"}, {-31, "ECDH-ES+A256KW"},
      {1, "A128GCM"},      {2, "A192GCM"},      {3, "A256GCM"},          {24, "ChaCha20/Poly1305"},
      {-65534, "A128CTR"}, {-65533, "A192CTR"}, {-65532, "A256CTR"},     {-35, "ES384"},
      {-36, "ES512"},
  };
  for (const Row& row : kRows) {
    if (row.algorithm == algorithm) return row.name;
  }
  return nullptr;
}

const char* cose_structure_name(uint64_t tag) noexcept {
  switch (tag) {
    case 17:
      return "COSE_Mac0";
    case 18:
      return "COSE_Sign1";
    case 97:
      return "COSE_Mac";
    case 98:
      return "COSE_Sign";
    default:
      return nullptr;
  }
}

}  // namespace tailor::authoring
