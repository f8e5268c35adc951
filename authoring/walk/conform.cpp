// SPDX-License-Identifier: Apache-2.0
#include "authoring/walk/conform.hpp"

#include <algorithm>

#include "authoring/walk/encryption_check.hpp"
#include "core/base/limits.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

using cbor::Type;

bool is_integer(const Node& node) {
  return node.type == Type::kUnsigned || node.type == Type::kNegative;
}

/// What the shape allows as types, and what it is called; null: anything.
const char* expected(const Node& node) {
  const auto unless = [](bool good, const char* what) { return good ? nullptr : what; };
  switch (node.shape) {
    case Shape::kUnsigned:
    case Shape::kIndex:
    case Shape::kPolicy:
    case Shape::kVersionOne:
      return unless(node.type == Type::kUnsigned, "an unsigned integer");
    case Shape::kInt:
      return unless(is_integer(node), "an integer");
    case Shape::kBool:
      return unless(node.type == Type::kSimple && node.head_bytes == 1 &&
                        (node.argument == cbor::kTrue || node.argument == cbor::kFalse),
                    "true or false");
    case Shape::kText:
      return unless(node.type == Type::kText, "a text");
    case Shape::kBytes:
    case Shape::kUuid:
      return unless(node.type == Type::kBytes, "a byte string");
    case Shape::kVendorId:
      return unless(node.type == Type::kBytes || (node.type == Type::kTag && node.argument == 112),
                    "a UUID, or an enterprise number with tag 112,");
    case Shape::kIndexArgument:
      return unless(node.type == Type::kUnsigned || node.type == Type::kArray || node.is_true(),
                    "an index, true, or a list of indices");
    case Shape::kCustomArgument:
      return nullptr;
    case Shape::kDigest:
    case Shape::kSequence:
    case Shape::kSharedSequence:
    case Shape::kBranches:
    case Shape::kSharedBranches:
    case Shape::kLabels:
    case Shape::kWrapper:
    case Shape::kBlockBody:
    case Shape::kSigners:
    case Shape::kSigner:
    case Shape::kComponents:
    case Shape::kComponentId:
    case Shape::kVersion:
    case Shape::kVersionMatch:
    case Shape::kVersionMatches:
    case Shape::kOtherDevice:
    case Shape::kEncryptionBody:
    case Shape::kRecipients:
    case Shape::kRecipient:
      return unless(node.type == Type::kArray, "an array");
    case Shape::kBlock:
    case Shape::kEncryptionInfo:
      return unless(node.type == Type::kTag, "a tagged COSE structure");
    case Shape::kParameters:
    case Shape::kParametersOfEach:
    case Shape::kParameterLists:
    case Shape::kEnvelope:
    case Shape::kHeader:
    case Shape::kManifest:
    case Shape::kCommon:
    case Shape::kDependencies:
    case Shape::kDependency:
    case Shape::kWaitInfo:
    case Shape::kMetadata:
    case Shape::kCoseKey:
    case Shape::kTexts:
    case Shape::kLanguage:
    case Shape::kComponentTexts:
      return unless(node.type == Type::kMap, "a map");
    case Shape::kAny:
      return nullptr;
  }
  return nullptr;
}

class Rules {
 public:
  Rules(const Node& node, uint64_t tag) : node_(node), tag_(tag) {}

  std::vector<Finding> check() {
    if (const char* what = expected(node_)) {
      find(node_.shape == Shape::kBlock ? Error::kCoseUnsupported : Error::kCborWrongType, with_clause(what, node_));
      return std::move(out_);
    }
    values();
    arrays();
    maps();
    cose();
    return std::move(out_);
  }

 private:
  void find(Error code, const std::string& rule) { find(code, node_, rule); }
  void find(Error code, const Node& where, const std::string& rule) {
    out_.push_back({.code = code, .offset = where.offset, .path = where.path, .rule = rule});
  }
  size_t count() const { return node_.children.size(); }
  void needs(int64_t key, const char* rule) {
    if (node_.find(key) == nullptr) find(Error::kMissingKey, rule);
  }
  void at_least_one(const char* what) {
    if (count() == 0) find(Error::kValueOutOfRange, std::string("at least one ") + what + " is expected here");
  }
  void at_most(const Node* node, uint64_t most, const char* rule) {
    if (node != nullptr && node->type == Type::kUnsigned && node->argument > most) {
      find(Error::kValueOutOfRange, *node, rule);
    }
  }

  void values() {
    switch (node_.shape) {
      case Shape::kPolicy:
        if (node_.argument > suit::reporting::kAll) {
          find(Error::kValueOutOfRange, "a reporting policy has bits 0 to 3 (SUIT manifest 8.4.7)");
        }
        break;
      case Shape::kUuid:
        if (node_.content.size() != 16) find(Error::kValueOutOfRange, with_clause("a UUID of 16 bytes", node_));
        break;
      case Shape::kVendorId:
        if (node_.type == Type::kBytes && node_.content.size() != 16) {
          find(Error::kValueOutOfRange, with_clause("a UUID of 16 bytes", node_));
        }
        if (node_.type == Type::kTag && node_.inner().type != Type::kBytes) {
          find(Error::kCborWrongType, "an enterprise number is a byte string (RFC 9090)");
        }
        break;
      case Shape::kVersionOne:
        if (node_.argument != suit::kManifestVersion) {
          find(Error::kManifestVersionUnsupported, "the version is 1 (SUIT manifest 8.4.1)");
        }
        break;
      case Shape::kText:
        if (node_.element != nullptr && node_.element->in == Shape::kParameters &&
            node_.content.size() > limits::kUriBytes) {
          find(Error::kValueOutOfRange, "devices keep URIs of " + std::to_string(limits::kUriBytes) + " bytes");
        }
        break;
      case Shape::kInt:
        if (node_.argument > INT64_MAX) find(Error::kValueOutOfRange, "the integer has more than 64 bits");
        break;
      default:
        break;
    }
  }

  void arrays() {
    switch (node_.shape) {
      case Shape::kDigest:
        digest();
        break;
      case Shape::kSequence:
      case Shape::kSharedSequence:
        if (node_.argument == 0) find(Error::kValueOutOfRange, "a sequence has a command (SUIT manifest 8.4.6)");
        break;
      case Shape::kBranches:
      case Shape::kSharedBranches:
        if (count() < 2) find(Error::kValueOutOfRange, "try-each has two branches (SUIT manifest 8.4.10.2)");
        for (size_t i = 0; i + 1 < count(); ++i) {
          if (node_.children[i].is_null()) {
            find(Error::kCborWrongType, node_.children[i], "null is the last branch (SUIT manifest 8.4.10.2)");
          }
        }
        break;
      case Shape::kComponents:
        at_least_one("component");
        if (count() > limits::kComponents) {
          find(Error::kTooManyComponents, "devices keep " + std::to_string(limits::kComponents) + " components");
        }
        break;
      case Shape::kComponentId:
        if (count() == 0 || count() > limits::kComponentIdParts || node_.item.size() > limits::kComponentIdBytes) {
          find(Error::kValueOutOfRange, "a component identifier has 1 to " + std::to_string(limits::kComponentIdParts) +
                                            " parts and " + std::to_string(limits::kComponentIdBytes) +
                                            " bytes (SUIT manifest 8.4.5.1, limits of devices)");
        }
        break;
      case Shape::kIndexArgument:
        if (node_.type == Type::kArray) at_least_one("index");
        break;
      case Shape::kVersion:
      case Shape::kLabels:
      case Shape::kVersionMatches:
        at_least_one("value");
        break;
      case Shape::kVersionMatch:
        if (count() != 2) {
          find(Error::kValueOutOfRange, "a version is [comparison, [values]] (SUIT update management)");
        } else if (node_.children[0].number() < 1 || node_.children[0].number() > 5) {
          find(Error::kValueOutOfRange, node_.children[0], "a comparison is 1 to 5 (SUIT update management)");
        }
        break;
      case Shape::kOtherDevice:
        if (count() != 2) find(Error::kValueOutOfRange, "[device, [versions]] is expected (SUIT update management)");
        break;
      default:
        break;
    }
  }

  void digest() {
    if (count() != 2 || node_.children[1].type != Type::kBytes || !is_integer(node_.children[0])) {
      find(Error::kValueOutOfRange, "a digest is [algorithm, bytes] (SUIT manifest 10)");
      return;
    }
    const int64_t algorithm = node_.children[0].number();
    if (hash_name(algorithm) == nullptr) {
      find(Error::kAlgorithmUnsupported, node_.children[0],
           "digest algorithm " + std::to_string(algorithm) + " is not supported (SUIT manifest 10)");
      return;
    }
    const size_t wanted = algorithm == -43 ? 48 : algorithm == -44 || algorithm == -45 ? 64 : 32;
    if (node_.children[1].content.size() != wanted) {
      find(Error::kValueOutOfRange, node_.children[1],
           std::string("a digest by ") + hash_name(algorithm) + " has " + std::to_string(wanted) + " bytes");
    }
  }

  void maps() {
    switch (node_.shape) {
      case Shape::kEnvelope:
        needs(suit::envelope_key::kAuthentication, "an envelope has an authentication wrapper (SUIT manifest 8.2)");
        needs(suit::envelope_key::kManifest, "an envelope has a manifest (SUIT manifest 8.2)");
        break;
      case Shape::kManifest:
        needs(suit::manifest_key::kVersion, "a manifest has a version (SUIT manifest 8.4)");
        needs(suit::manifest_key::kSequenceNumber, "a manifest has a sequence number (SUIT manifest 8.4)");
        needs(suit::manifest_key::kCommon, "a manifest has a common block (SUIT manifest 8.4)");
        break;
      case Shape::kCommon:
        if (node_.find(suit::common_key::kDependencies) == nullptr) {
          needs(suit::common_key::kComponents, "a manifest names components (SUIT manifest 8.4.5)");
        }
        break;
      case Shape::kParameters:
        at_least_one("parameter");
        break;
      case Shape::kParametersOfEach:
      case Shape::kParameterLists:
        at_least_one("component");
        break;
      case Shape::kDependencies:
        at_least_one("dependency");
        break;
      case Shape::kWaitInfo:
        at_least_one("event");
        for (const int64_t key : {suit::wait_event::kTimeOfDay, suit::wait_event::kTimeOfDayUtc}) {
          at_most(node_.find(key), 86399, "a time of day is below 86400 seconds (SUIT update management)");
        }
        for (const int64_t key : {suit::wait_event::kDayOfWeek, suit::wait_event::kDayOfWeekUtc}) {
          at_most(node_.find(key), 6, "a day of the week is 0 to 6 (SUIT update management)");
        }
        break;
      case Shape::kMetadata:
        at_most(node_.find(suit::metadata_key::kFileType), suit::file_type::kSymbolicLink,
                "a file type is 1 to 3 (SUIT update management)");
        break;
      case Shape::kTexts:
        at_least_one("language");
        break;
      default:
        break;
    }
  }

  void cose() {
    switch (node_.shape) {
      case Shape::kWrapper:
        if (count() == 0) find(Error::kAuthenticationMissing, "the wrapper begins with a digest (SUIT manifest 8.3)");
        break;
      case Shape::kBlock:
        if (cose_structure_name(node_.argument) == nullptr) {
          find(Error::kCoseUnsupported, "a block is COSE_Sign1, COSE_Sign, COSE_Mac0 or COSE_Mac (SUIT manifest 8.3)");
        }
        break;
      case Shape::kBlockBody: {
        const size_t wanted = tag_ == 97 ? 5 : 4;
        if (count() != wanted) {
          find(Error::kCborMalformed,
               "a COSE structure of this kind has " + std::to_string(wanted) + " elements (RFC 9052)");
        } else if (!node_.children[2].is_null()) {
          find(Error::kCoseUnsupported, node_.children[2], "the payload is detached (SUIT manifest 8.3)");
        }
        break;
      }
      case Shape::kSigner:
        if (count() != 3) find(Error::kCborMalformed, "a COSE_Signature has 3 elements (RFC 9052 4.1)");
        break;
      case Shape::kSigners:
        at_least_one("signature");
        break;
      case Shape::kEncryptionInfo:
        if (node_.argument != 96) {
          find(Error::kCoseUnsupported, "encryption info is a COSE_Encrypt, tag 96 (SUIT firmware encryption)");
        } else if (node_.inner().children.size() == 4) {
          for (Finding& found : check_encryption(node_)) out_.push_back(std::move(found));
        }
        break;
      case Shape::kEncryptionBody:
        if (count() != 4) find(Error::kCborMalformed, "a COSE_Encrypt has 4 elements (RFC 9052 5.1)");
        break;
      case Shape::kRecipient:
        if (count() != 3 && count() != 4)
          find(Error::kCborMalformed, "a COSE_recipient has 3 or 4 elements (RFC 9052 5.1)");
        break;
      case Shape::kRecipients:
        at_least_one("recipient");
        break;
      default:
        break;
    }
  }

  const Node& node_;
  uint64_t tag_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> conform(const Node& node, uint64_t tag) {
  return Rules(node, tag).check();
}

std::string with_clause(const char* what, const Node& node) {
  std::string rule = std::string(what) + " is expected here";
  if (node.element != nullptr && node.element->clause[0] != '\0')
    rule += std::string(" (") + node.element->clause + ")";
  return rule;
}

std::string clause_of(Shape in) {
  switch (in) {
    case Shape::kEnvelope:
      return " (SUIT manifest 8.2)";
    case Shape::kManifest:
      return " (SUIT manifest 8.4)";
    case Shape::kCommon:
      return " (SUIT manifest 8.4.5)";
    case Shape::kParameters:
      return " (SUIT manifest 8.4.8)";
    case Shape::kLanguage:
    case Shape::kComponentTexts:
    case Shape::kTexts:
      return " (SUIT manifest 8.4.4)";
    case Shape::kDependency:
    case Shape::kDependencies:
      return " (SUIT trust domains)";
    case Shape::kWaitInfo:
    case Shape::kMetadata:
      return " (SUIT update management)";
    default:
      return "";
  }
}

}  // namespace tailor::authoring
