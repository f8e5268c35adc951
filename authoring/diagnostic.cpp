// SPDX-License-Identifier: Apache-2.0
// A printer over the walker's tree, which has names and places already.
#include "authoring/diagnostic.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "authoring/walk/walker.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {
namespace {

using cbor::Type;

/// A floating-point number by the bits of its head's argument (RFC 8949 3.3).
double float_of(const Node& node) {
  if (node.head_bytes == 3) {
    const auto bits = static_cast<unsigned>(node.argument);
    const int exponent = static_cast<int>((bits >> 10U) & 0x1FU);
    const double mantissa = bits & 0x3FFU;
    double value = 0;
    if (exponent == 0) {
      value = std::ldexp(mantissa, -24);
    } else if (exponent != 31) {
      value = std::ldexp(mantissa + 1024, exponent - 25);
    } else {
      value = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    }
    return (bits & 0x8000U) != 0 ? -value : value;
  }
  if (node.head_bytes == 5) {
    const auto bits = static_cast<uint32_t>(node.argument);
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return static_cast<double>(value);
  }
  double value = 0;
  std::memcpy(&value, &node.argument, sizeof value);
  return value;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  std::string out = text;
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

class Printer {
 public:
  /// @param compact  everything on one line, without comments
  explicit Printer(bool compact) : compact_(compact) {}

  std::string print(const Node& root, bool envelope) {
    if (envelope && root.type == Type::kTag && root.argument == 107) text_ += "/ SUIT_Envelope_Tagged / ";
    item(root);
    return std::move(text_);
  }

 private:
  void line() {
    if (compact_) {
      if (text_.back() == ',') text_ += ' ';
      return;
    }
    text_ += '\n';
    text_.append(depth_ * 2, ' ');
  }

  void comment(const char* name) {
    if (name != nullptr && !compact_) text_ += "/ " + std::string(name) + " / ";
  }

  void item(const Node& node) {
    switch (node.type) {
      case Type::kUnsigned:
        text_ += std::to_string(node.argument);
        break;
      case Type::kNegative:
        // -1 - 2^64 does not fit any integer here.
        text_ += node.argument == UINT64_MAX ? "-18446744073709551616" : "-" + std::to_string(node.argument + 1);
        break;
      case Type::kBytes:
        bytes(node);
        break;
      case Type::kText:
        quote(as_text(node.content));
        break;
      case Type::kArray:
        array(node);
        break;
      case Type::kMap:
        map(node);
        break;
      case Type::kTag:
        text_ += std::to_string(node.argument) + "(";
        item(node.inner());
        text_ += ")";
        break;
      case Type::kSimple:
        simple(node);
        break;
    }
  }

  void simple(const Node& node) {
    if (node.head_bytes > 2) {
      text_ += float_text(float_of(node));
    } else if (node.argument >= 20 && node.argument <= 23 && node.head_bytes == 1) {
      constexpr const char* kNames[] = {"false", "true", "null", "undefined"};
      text_ += kNames[node.argument - 20];
    } else {
      text_ += "simple(" + std::to_string(node.argument) + ")";
    }
  }

  void bytes(const Node& node) {
    if (node.opened) {
      text_ += "<< ";
      item(node.inner());
      text_ += " >>";
    } else if (node.content.size() > kShownBytes) {
      text_ += "h'" + to_hex(node.content.first(16)) + "'... / " + std::to_string(node.content.size()) + " bytes /";
    } else {
      text_ += "h'" + to_hex(node.content) + "'";
    }
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

  /// Short arrays of plain things stay on one line.
  static bool spreads(const Node& node) {
    if (node.children.empty()) return false;
    switch (node.shape) {
      case Shape::kWrapper:
      case Shape::kBlockBody:
      case Shape::kSigner:
      case Shape::kSequence:
      case Shape::kSharedSequence:
      case Shape::kBranches:
      case Shape::kSharedBranches:
      case Shape::kEncryptionBody:
      case Shape::kRecipient:
      case Shape::kEnvelope:
      case Shape::kManifest:
      case Shape::kCommon:
      case Shape::kDependencies:
      case Shape::kParameters:
      case Shape::kParametersOfEach:
      case Shape::kTexts:
      case Shape::kLanguage:
      case Shape::kComponentTexts:
      case Shape::kWaitInfo:
      case Shape::kMetadata:
        return true;
      default:
        return false;
    }
  }

  void array(const Node& node) {
    const bool spread = spreads(node);
    const bool commands = node.shape == Shape::kSequence || node.shape == Shape::kSharedSequence;
    text_ += '[';
    ++depth_;
    bool first = true;
    for (const Node& child : node.children) {
      if (!first) text_ += ',';
      if (spread) {
        line();
      } else if (!first) {
        text_ += ' ';
      }
      first = false;
      if (commands) {
        comment(child.element == nullptr ? nullptr : child.element->name);
        text_ += std::to_string(child.key) + ", ";
      } else {
        comment(name_of_element(node, child));
      }
      item(child);
    }
    --depth_;
    if (spread) line();
    text_ += ']';
  }

  static const char* name_of_element(const Node& array, const Node& child) {
    if (array.shape == Shape::kDigest) return &child == array.children.data() ? hash_name(child.number()) : nullptr;
    return child.label;
  }

  void map(const Node& node) {
    const bool spread = spreads(node);
    text_ += '{';
    ++depth_;
    bool first = true;
    for (const Node& child : node.children) {
      if (!first) text_ += ',';
      if (spread) {
        line();
      } else if (!first) {
        text_ += ' ';
      }
      first = false;
      comment(child.element == nullptr ? nullptr : child.element->name);
      const Walked key = walk_item(child.key_item);
      if (key.readable()) item(key.root());
      text_ += ": ";
      if (node.shape == Shape::kHeader && child.key == 1 &&
          (child.type == Type::kUnsigned || child.type == Type::kNegative)) {
        comment(cose_algorithm_name(child.number()));
      }
      item(child);
    }
    --depth_;
    if (spread) line();
    text_ += '}';
  }

  bool compact_;
  size_t depth_ = 0;
  std::string text_;
};

Outcome<std::string> print(const Walked& walked, bool envelope) {
  if (!walked.readable()) return walked.check().error();
  return Printer(false).print(walked.root(), envelope) + "\n";
}

}  // namespace

std::string node_diagnostic(const Node& node) {
  return Printer(true).print(node, false);
}

std::string walked_diagnostic(const Walked& walked) {
  return walked.readable() ? Printer(false).print(walked.root(), true) + "\n" : std::string();
}

Outcome<std::string> envelope_diagnostic(ByteView envelope) {
  return print(walk_envelope(envelope), true);
}

Outcome<std::string> cbor_diagnostic(ByteView item) {
  const Walked walked = walk_item(item);
  TAILOR_TRY(walked.check());
  return print(walked, false);
}

}  // namespace tailor::authoring
