// SPDX-License-Identifier: Apache-2.0
// A printer that walks CBOR with a table of places: what a key is called, and what stands behind it. Labels are those
// of the manifest draft -37, trust-domains -12 and update-management -15.
#include "authoring/diagnostic.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/cbor/reader.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {
namespace {

enum class Place : uint8_t {
  kPlain,
  kEnvelope,
  kWrapper,  // array: digest, then authentication blocks
  kDigest,   // array: algorithm, bytes
  kBlock,    // COSE structure
  kHeader,   // protected header
  kManifest,
  kCommon,
  kComponents,
  kSequence,   // command, argument, command, argument
  kSequences,  // array of wrapped sequences
  kParameters,
  kText,  // language -> map
  kTextMap,
  kTextComponent,
};

struct Rule {
  Place in;
  int64_t key;
  const char* name;
  Place child = Place::kPlain;
  bool wrapped = false;  // the value is a byte string around the child
};

constexpr Rule kRules[] = {
    {Place::kEnvelope, 2, "authentication-wrapper", Place::kWrapper, true},
    {Place::kEnvelope, 3, "manifest", Place::kManifest, true},
    {Place::kEnvelope, 14, "coswid", Place::kPlain, true},
    {Place::kEnvelope, 15, "dependency-resolution", Place::kSequence, true},
    {Place::kEnvelope, 16, "payload-fetch", Place::kSequence, true},
    {Place::kEnvelope, 18, "candidate-verification", Place::kSequence, true},
    {Place::kEnvelope, 20, "install", Place::kSequence, true},
    {Place::kEnvelope, 23, "text", Place::kText, true},
    {Place::kManifest, 1, "manifest-version"},
    {Place::kManifest, 2, "manifest-sequence-number"},
    {Place::kManifest, 3, "common", Place::kCommon, true},
    {Place::kManifest, 4, "reference-uri"},
    {Place::kManifest, 5, "manifest-component-id"},
    {Place::kManifest, 6, "set-version", Place::kPlain, true},
    {Place::kManifest, 7, "validate", Place::kSequence, true},
    {Place::kManifest, 8, "load", Place::kSequence, true},
    {Place::kManifest, 9, "invoke", Place::kSequence, true},
    {Place::kManifest, 14, "coswid", Place::kPlain, true},
    {Place::kManifest, 15, "dependency-resolution", Place::kSequence, true},
    {Place::kManifest, 16, "payload-fetch", Place::kSequence, true},
    {Place::kManifest, 18, "candidate-verification", Place::kSequence, true},
    {Place::kManifest, 20, "install", Place::kSequence, true},
    {Place::kManifest, 23, "text", Place::kText, true},
    {Place::kManifest, 24, "uninstall", Place::kSequence, true},
    {Place::kCommon, 1, "dependencies"},
    {Place::kCommon, 2, "components", Place::kComponents},
    {Place::kCommon, 4, "shared-sequence", Place::kSequence, true},
    {Place::kSequence, 1, "condition-vendor-identifier"},
    {Place::kSequence, 2, "condition-class-identifier"},
    {Place::kSequence, 3, "condition-image-match"},
    {Place::kSequence, 4, "condition-use-before"},
    {Place::kSequence, 5, "condition-component-slot"},
    {Place::kSequence, 6, "condition-check-content"},
    {Place::kSequence, 7, "condition-dependency-integrity"},
    {Place::kSequence, 8, "condition-is-dependency"},
    {Place::kSequence, 11, "directive-process-dependency"},
    {Place::kSequence, 12, "directive-set-component-index"},
    {Place::kSequence, 14, "condition-abort"},
    {Place::kSequence, 15, "directive-try-each", Place::kSequences},
    {Place::kSequence, 18, "directive-write"},
    {Place::kSequence, 19, "directive-set-parameters", Place::kParameters},
    {Place::kSequence, 20, "directive-override-parameters", Place::kParameters},
    {Place::kSequence, 21, "directive-fetch"},
    {Place::kSequence, 22, "directive-copy"},
    {Place::kSequence, 23, "directive-invoke"},
    {Place::kSequence, 24, "condition-device-identifier"},
    {Place::kSequence, 25, "condition-image-not-match"},
    {Place::kSequence, 26, "condition-minimum-battery"},
    {Place::kSequence, 27, "condition-update-authorized"},
    {Place::kSequence, 28, "condition-version"},
    {Place::kSequence, 29, "directive-wait"},
    {Place::kSequence, 31, "directive-swap"},
    {Place::kSequence, 32, "directive-run-sequence", Place::kSequence, true},
    {Place::kSequence, 33, "directive-unlink"},
    {Place::kSequence, 34, "directive-override-multiple"},
    {Place::kSequence, 35, "directive-copy-params"},
    {Place::kParameters, 1, "vendor-identifier"},
    {Place::kParameters, 2, "class-identifier"},
    {Place::kParameters, 3, "image-digest", Place::kDigest, true},
    {Place::kParameters, 4, "use-before"},
    {Place::kParameters, 5, "component-slot"},
    {Place::kParameters, 12, "strict-order"},
    {Place::kParameters, 13, "soft-failure"},
    {Place::kParameters, 14, "image-size"},
    {Place::kParameters, 18, "content"},
    {Place::kParameters, 19, "encryption-info", Place::kPlain, true},
    {Place::kParameters, 21, "uri"},
    {Place::kParameters, 22, "source-component"},
    {Place::kParameters, 23, "invoke-args"},
    {Place::kParameters, 24, "device-identifier"},
    {Place::kParameters, 25, "fetch-arguments"},
    {Place::kParameters, 26, "minimum-battery"},
    {Place::kParameters, 27, "update-priority"},
    {Place::kParameters, 28, "version", Place::kPlain, true},
    {Place::kParameters, 29, "wait-info", Place::kPlain, true},
    {Place::kParameters, 30, "component-metadata", Place::kPlain, true},
    {Place::kHeader, 1, "algorithm-id"},
    {Place::kHeader, 4, "key-id"},
    {Place::kTextMap, 1, "manifest-description"},
    {Place::kTextMap, 2, "update-description"},
    {Place::kTextMap, 3, "manifest-json-source"},
    {Place::kTextMap, 4, "manifest-yaml-source"},
    {Place::kTextComponent, 1, "vendor-name"},
    {Place::kTextComponent, 2, "model-name"},
    {Place::kTextComponent, 3, "vendor-domain"},
    {Place::kTextComponent, 4, "model-info"},
    {Place::kTextComponent, 5, "component-description"},
    {Place::kTextComponent, 6, "component-version"},
    {Place::kTextComponent, 7, "version-required"},
    {Place::kTextComponent, 8, "current-version"},
};

const Rule* find_rule(Place in, int64_t key) {
  const auto* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const Rule& candidate) { return candidate.in == in && candidate.key == key; });
  return rule == std::end(kRules) ? nullptr : rule;
}

const char* digest_algorithm_name(int64_t algorithm) {
  switch (algorithm) {
    case -16:
      return "sha256";
    case -18:
      return "shake128";
    case -43:
      return "sha384";
    case -44:
      return "sha512";
    case -45:
      return "shake256";
    default:
      return nullptr;
  }
}

const char* cose_algorithm_name(int64_t algorithm) {
  switch (algorithm) {
    case -7:
      return "ES256";
    case -8:
      return "EdDSA";
    case -9:
      return "ESP256";
    case -19:
      return "Ed25519";
    case -46:
      return "HSS-LMS";
    case 5:
      return "HMAC-256";
    default:
      return nullptr;
  }
}

class Printer {
 public:
  explicit Printer(ByteView whole) : whole_(whole) {}

  Outcome<std::string> print(Place place, bool tagged) {
    // One check to the bottom first: it bounds nesting, so that recursion below is bounded as well.
    cbor::Reader check(whole_);
    TAILOR_TRY(at(check, check.take_item()));
    cbor::Reader reader(whole_);
    if (tagged && reader.next_is(cbor::Type::kTag)) {
      TAILOR_TRY_ASSIGN(const uint64_t tag, at(reader, reader.take_tag()));
      text_ += (tag == 107 ? "/ SUIT_Envelope_Tagged / " : "") + std::to_string(tag) + "(";
      TAILOR_TRY(item(reader, place, false));
      text_ += ")";
    } else {
      TAILOR_TRY(item(reader, place, false));
    }
    TAILOR_TRY(at(reader, reader.finish()));
    text_ += "\n";
    return std::move(text_);
  }

 private:
  /// Gives a reader's failure the byte offset in the whole input.
  template <typename T>
  Outcome<T> at(const cbor::Reader& reader, Result<T> result) const {
    return with_context(std::move(result), "at byte " + std::to_string(reader.rest().data() - whole_.data()));
  }

  void line() {
    text_ += '\n';
    text_.append(depth_ * 2, ' ');
  }

  /// Prints one item that stands at `place`; with `wrapped`, a byte string is opened and its content stands there.
  Outcome<void> item(cbor::Reader& reader, Place place, bool wrapped) {
    if (depth_ > limits::kCborDepth * 2) return at(reader, Result<Ok>(Error::kCborTooDeep)).error();
    if (reader.next_is(cbor::Type::kUnsigned) || reader.next_is(cbor::Type::kNegative)) return number(reader);
    if (reader.next_is(cbor::Type::kBytes)) return bytes(reader, place, wrapped);
    if (reader.next_is(cbor::Type::kText)) {
      TAILOR_TRY_ASSIGN(const std::string_view text, at(reader, reader.take_text()));
      quote(text);
      return kOk;
    }
    // A severable member that is not in place is its digest.
    if (reader.next_is(cbor::Type::kArray)) return array(reader, wrapped ? Place::kDigest : place);
    if (reader.next_is(cbor::Type::kMap)) return map(reader, place);
    if (reader.next_is(cbor::Type::kTag)) {
      TAILOR_TRY_ASSIGN(const uint64_t tag, at(reader, reader.take_tag()));
      text_ += std::to_string(tag) + "(";
      TAILOR_TRY(item(reader, tag == 18 ? Place::kBlock : Place::kPlain, false));
      text_ += ")";
      return kOk;
    }
    return simple(reader);
  }

  Outcome<void> number(cbor::Reader& reader) {
    if (reader.next_is(cbor::Type::kUnsigned)) {
      TAILOR_TRY_ASSIGN(const uint64_t value, at(reader, reader.take_unsigned()));
      text_ += std::to_string(value);
      return kOk;
    }
    TAILOR_TRY_ASSIGN(const int64_t value, at(reader, reader.take_int()));
    text_ += std::to_string(value);
    return kOk;
  }

  Outcome<void> simple(cbor::Reader& reader) {
    if (reader.next_is_null()) {
      TAILOR_TRY(at(reader, reader.take_null()));
      text_ += "null";
      return kOk;
    }
    const cbor::Reader before = reader;
    const Result<bool> value = reader.take_bool();
    if (value.ok()) {
      text_ += value.value() ? "true" : "false";
      return kOk;
    }
    TAILOR_TRY_ASSIGN(const ByteView raw, at(before, reader.take_item()));
    text_ += "/ not shown: / simple(0x" + to_hex(raw) + ")";
    return kOk;
  }

  Outcome<void> bytes(cbor::Reader& reader, Place place, bool wrapped) {
    TAILOR_TRY_ASSIGN(const ByteView content, at(reader, reader.take_bytes()));
    if (wrapped && !content.empty()) {
      // Opened only when it is one item through and through; otherwise it is shown as the bytes that it is.
      cbor::Reader probe(content);
      if (probe.take_item().ok() && probe.at_end()) {
        cbor::Reader inner(content);
        text_ += "<< ";
        TAILOR_TRY(item(inner, place, false));
        text_ += " >>";
        return kOk;
      }
    }
    if (content.size() > kShownBytes) {
      text_ += "h'" + to_hex(content.first(16)) + "'... / " + std::to_string(content.size()) + " bytes /";
    } else {
      text_ += "h'" + to_hex(content) + "'";
    }
    return kOk;
  }

  void quote(std::string_view text) {
    text_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<uint8_t>(c);
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (c == '\n') {
        text_ += "\\n";
      } else if (byte < 0x20 || byte == 0x7F) {
        text_ += "\\u00" + to_hex({&byte, 1});
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  /// What the element at `index` of an array at `place` is.
  struct Element {
    const char* name = nullptr;
    Place place = Place::kPlain;
    bool wrapped = false;
  };
  static Element element_of(Place place, size_t index) {
    switch (place) {
      case Place::kWrapper:
        return index == 0 ? Element{"digest", Place::kDigest, true}
                          : Element{"authentication-block", Place::kPlain, true};
      case Place::kSequences:
        return {nullptr, Place::kSequence, true};
      case Place::kBlock:
        if (index == 0) return {"protected", Place::kHeader, true};
        if (index == 1) return {"unprotected", Place::kHeader, false};
        if (index == 2) return {"payload", Place::kPlain, false};
        return {index == 3 ? "signature" : nullptr, Place::kPlain, false};
      default:
        return {};
    }
  }

  Outcome<void> array(cbor::Reader& reader, Place place) {
    TAILOR_TRY_ASSIGN(const size_t count, at(reader, reader.take_array()));
    // Short arrays of plain things stay on one line.
    const bool spread = count > 0 && (place == Place::kWrapper || place == Place::kBlock || place == Place::kSequence ||
                                      place == Place::kSequences);
    text_ += '[';
    ++depth_;
    Element argument;
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) text_ += ',';
      Element element = element_of(place, i);
      if (place == Place::kSequence && i % 2 == 1) {
        text_ += ' ';
        TAILOR_TRY(item(reader, argument.place, argument.wrapped));
        continue;
      }
      if (spread) {
        line();
      } else if (i > 0) {
        text_ += ' ';
      }
      if (place == Place::kSequence || (place == Place::kDigest && i == 0)) {
        cbor::Reader peek = reader;
        const Result<int64_t> key = peek.take_int();
        const Rule* rule = key.ok() && place == Place::kSequence ? find_rule(place, key.value()) : nullptr;
        argument = rule == nullptr ? Element{} : Element{nullptr, rule->child, rule->wrapped};
        if (rule != nullptr) element.name = rule->name;
        if (key.ok() && place == Place::kDigest) element.name = digest_algorithm_name(key.value());
      }
      if (element.name != nullptr) text_ += "/ " + std::string(element.name) + " / ";
      TAILOR_TRY(item(reader, element.place, element.wrapped));
    }
    --depth_;
    if (spread) line();
    text_ += ']';
    return kOk;
  }

  Outcome<void> map(cbor::Reader& reader, Place place) {
    TAILOR_TRY_ASSIGN(const size_t pairs, at(reader, reader.take_map()));
    const bool spread = pairs > 0 && place != Place::kHeader && place != Place::kPlain;
    text_ += '{';
    ++depth_;
    for (size_t i = 0; i < pairs; ++i) {
      if (i > 0) text_ += ',';
      if (spread) {
        line();
      } else if (i > 0) {
        text_ += ' ';
      }
      cbor::Reader peek = reader;
      const Result<int64_t> key = peek.take_int();
      const Rule* rule = key.ok() ? find_rule(place, key.value()) : nullptr;
      if (rule != nullptr) text_ += "/ " + std::string(rule->name) + " / ";
      const bool component_key = place == Place::kTextMap && reader.next_is(cbor::Type::kArray);
      TAILOR_TRY(item(reader, Place::kPlain, false));
      text_ += ": ";
      if (place == Place::kHeader && key.ok() && key.value() == 1) {
        cbor::Reader value = reader;
        const Result<int64_t> algorithm = value.take_int();
        const char* name = algorithm.ok() ? cose_algorithm_name(algorithm.value()) : nullptr;
        if (name != nullptr) text_ += "/ " + std::string(name) + " / ";
      }
      if (rule != nullptr) {
        TAILOR_TRY(item(reader, rule->child, rule->wrapped));
      } else if (place == Place::kText) {
        TAILOR_TRY(item(reader, Place::kTextMap, false));
      } else {
        TAILOR_TRY(item(reader, component_key ? Place::kTextComponent : Place::kPlain, false));
      }
    }
    --depth_;
    if (spread) line();
    text_ += '}';
    return kOk;
  }

  ByteView whole_;
  std::string text_;
  size_t depth_ = 0;
};

}  // namespace

Outcome<std::string> envelope_diagnostic(ByteView envelope) {
  return Printer(envelope).print(Place::kEnvelope, true);
}

Outcome<std::string> cbor_diagnostic(ByteView item) {
  return Printer(item).print(Place::kPlain, false);
}

}  // namespace tailor::authoring
