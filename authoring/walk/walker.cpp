// SPDX-License-Identifier: Apache-2.0
#include "authoring/walk/walker.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "authoring/component_text.hpp"
#include "authoring/walk/conform.hpp"
#include "authoring/walk/flow.hpp"
#include "core/base/limits.hpp"
#include "core/cbor/reader.hpp"
#include "core/suit/labels.hpp"

namespace tailor::authoring {
namespace {

/// Items of one envelope that are looked at; payloads are one each. Bounds memory for hostile input.
constexpr size_t kNodes = 200000;
/// Byte strings around CBOR inside each other: envelope, manifest, sequence, nested sequences, and a dependency.
constexpr size_t kWraps = 24;

const Node kNoNode{};

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}
std::string component_text(const Node& id) {
  ComponentParts parts;
  for (const Node& part : id.children) parts.emplace_back(part.content.begin(), part.content.end());
  return component_to_text(parts);
}
std::string at(const std::string& path, size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

}  // namespace

/// What is expected where the walk stands.
struct Place {
  Shape shape = Shape::kAny;
  std::string path;
  const Element* element = nullptr;
  const char* label = nullptr;
  bool wrapped = false;
  bool may_be_empty = false;  ///< a wrapped header map that is left out
  bool branch = false;        ///< of try-each: null is one that does nothing
  uint64_t tag = 0;           ///< of the COSE structure whose body this is

  static Place of(const Element& row, const std::string& path) {
    return {.shape = row.shape, .path = join(path, short_name(row.name)), .element = &row, .wrapped = row.wrapped};
  }
};

class Walker {
 public:
  Walker(ByteView whole, size_t base) : whole_(whole), base_(base) {}

  Walked walk(Shape shape, const std::string& path, const suit::Leniency* leniency) {
    cbor::Reader reader(whole_);
    Place place{.shape = shape, .path = path};
    std::optional<Node> root;
    if (shape == Shape::kEnvelope && reader.next_is(cbor::Type::kTag)) {
      root = tag(reader, place, limits::kCborDepth);
      out_.tagged_ = root && root->argument == suit::kEnvelopeTag;
    } else {
      root = item(reader, place, limits::kCborDepth);
    }
    if (!root) return std::move(out_);
    if (!reader.at_end()) {
      find(Error::kTrailingBytes, offset_of(reader.rest()), path, "nothing follows the envelope");
      return std::move(out_);
    }
    if (shape == Shape::kEnvelope && !out_.tagged_ && !(leniency != nullptr && leniency->untagged_envelope)) {
      find(Error::kEnvelopeUntagged, root->offset, path, "an envelope is tagged 107 (SUIT manifest 8.2)");
    }
    out_.root_ = std::move(*root);
    out_.readable_ = true;
    return std::move(out_);
  }

 private:
  size_t offset_of(ByteView rest) const { return base_ + static_cast<size_t>(rest.data() - whole_.data()); }

  void find(Error code, size_t offset, const std::string& path, const std::string& rule) {
    out_.add({.code = code, .offset = offset, .path = path, .rule = rule});
  }
  std::nullopt_t broken(Error code, const cbor::Reader& reader, const std::string& path) {
    const std::string rule(describe(code).meaning);
    const bool says_where = rule.find('(') != std::string::npos;
    find(code, offset_of(reader.rest()), path, says_where ? rule : rule + " (RFC 8949 3)");
    return std::nullopt;
  }

  /// Reads one item; nothing, with a finding, when it is not well-formed or not canonical.
  std::optional<Node> item(cbor::Reader& reader, const Place& place, size_t depth) {
    cbor::Head head;
    if (const Status status = cbor::decode_head(reader.rest(), head); !status.ok()) {
      return broken(status.error(), reader, place.path);
    }
    if (++nodes_ > kNodes) return broken(Error::kValueOutOfRange, reader, place.path);
    const bool container = head.type >= cbor::Type::kArray && head.type != cbor::Type::kSimple;
    if (container && depth == 0) return broken(Error::kCborTooDeep, reader, place.path);
    if (head.type == cbor::Type::kTag) return tag(reader, place, depth);
    Node node = start(reader, place);
    node.type = head.type;
    node.argument = head.argument;
    node.head_bytes = head.size;
    const ByteView before = reader.rest();
    if (head.type == cbor::Type::kArray) {
      if (!array(reader, node, place, depth)) return std::nullopt;
    } else if (head.type == cbor::Type::kMap) {
      if (!map(reader, node, place, depth)) return std::nullopt;
    } else {
      const Result<ByteView> whole = reader.take_item();
      if (!whole.ok()) return broken(whole.error(), reader, place.path);
      if (head.type == cbor::Type::kBytes || head.type == cbor::Type::kText) {
        node.content = before.subspan(head.size, static_cast<size_t>(head.argument));
      }
    }
    node.item = before.first(before.size() - reader.rest().size());
    finish(node, place);
    return node;
  }

  Node start(const cbor::Reader& reader, const Place& place) const {
    Node node;
    node.shape = place.shape;
    node.element = place.element;
    node.label = place.label;
    node.path = place.path;
    node.offset = offset_of(reader.rest());
    return node;
  }

  /// What its shape demands of an item that was read whole; byte strings around CBOR are opened.
  void finish(Node& node, const Place& place) {
    if (place.wrapped && node.type == cbor::Type::kBytes) {
      open(node, place);
      return;
    }
    if (place.wrapped && place.element != nullptr && place.element->severable && node.type == cbor::Type::kArray) {
      node.severed = true;
      node.shape = Shape::kDigest;
    } else if (place.branch && node.is_null()) {
      return;
    } else if (place.wrapped) {
      find(Error::kCborWrongType, node.offset, node.path, with_clause("a byte string", node));
      return;
    }
    for (Finding& finding : conform(node, place.tag)) out_.add(std::move(finding));
  }

  void open(Node& node, const Place& place) {
    if (node.content.empty() && place.may_be_empty) return;
    if (node.content.empty()) {
      find(Error::kTruncated, node.offset, node.path, with_clause("a byte string around CBOR", node));
      return;
    }
    if (wraps_ == kWraps) {
      find(Error::kCborTooDeep, node.offset, node.path, "byte strings around CBOR nest too deep");
      return;
    }
    const bool sequence = place.shape == Shape::kSequence || place.shape == Shape::kSharedSequence;
    ++wraps_;
    if (sequence) ++sequences_;
    if (sequence && sequences_ == limits::kSequenceDepth + 2) {
      find(Error::kCborTooDeep, node.offset, node.path,
           "sequences nest at most " + std::to_string(limits::kSequenceDepth) + " deep (limit of devices)");
    } else {
      cbor::Reader inner(node.content);
      Place child = place;
      child.wrapped = false;
      if (std::optional<Node> read = item(inner, child, limits::kCborDepth)) {
        if (!inner.at_end()) {
          find(Error::kTrailingBytes, offset_of(inner.rest()), node.path, "one item fills the byte string");
        }
        node.children.push_back(std::move(*read));
        node.opened = true;
      }
    }
    if (sequence) --sequences_;
    --wraps_;
  }

  std::optional<Node> tag(cbor::Reader& reader, const Place& place, size_t depth) {
    Node node = start(reader, place);
    const ByteView before = reader.rest();
    const Result<uint64_t> number = reader.take_tag();
    if (!number.ok()) return broken(number.error(), reader, place.path);
    node.type = cbor::Type::kTag;
    node.argument = *number;
    node.head_bytes = static_cast<uint8_t>(before.size() - reader.rest().size());
    Place child{.shape = Shape::kAny, .path = place.path, .element = nullptr};
    if (place.shape == Shape::kEnvelope) child.shape = Shape::kEnvelope;
    if (place.shape == Shape::kBlock) child.shape = Shape::kBlockBody;
    if (place.shape == Shape::kEncryptionInfo) child.shape = Shape::kEncryptionBody;
    child.tag = *number;
    // COSE asks for no order of header parameters, and the examples of firmware encryption have none.
    const bool before_this = std::exchange(unordered_, unordered_ || place.shape == Shape::kEncryptionInfo);
    std::optional<Node> inner = item(reader, child, depth - 1);
    unordered_ = before_this;
    if (!inner) return std::nullopt;
    node.children.push_back(std::move(*inner));
    node.item = before.first(before.size() - reader.rest().size());
    if (place.shape != Shape::kEnvelope) finish(node, place);
    return node;
  }

  bool array(cbor::Reader& reader, Node& node, const Place& place, size_t depth) {
    const Result<size_t> count = reader.take_array();
    if (!count.ok()) {
      broken(count.error(), reader, place.path);
      return false;
    }
    // A digest in the place of a severable member.
    Shape shape = place.shape;
    if (place.wrapped) shape = place.element != nullptr && place.element->severable ? Shape::kDigest : Shape::kAny;
    if (shape == Shape::kSequence || shape == Shape::kSharedSequence)
      return sequence(reader, node, place, *count, depth);
    for (size_t i = 0; i < *count; ++i) {
      std::optional<Node> child = item(reader, place_of_element(shape, place, i), depth - 1);
      if (!child) return false;
      node.children.push_back(std::move(*child));
    }
    return true;
  }

  static Place place_of_element(Shape in, const Place& place, size_t i) {
    const std::string& path = place.path;
    const auto plain = [&](Shape shape) { return Place{.shape = shape, .path = at(path, i)}; };
    const auto named = [&](Shape shape, const char* name) {
      return Place{.shape = shape, .path = join(path, name), .label = name};
    };
    const auto header = [&](size_t index) {
      Place out = named(Shape::kHeader, index == 0 ? "protected" : "unprotected");
      out.wrapped = out.may_be_empty = index == 0;
      return out;
    };
    switch (in) {
      case Shape::kWrapper: {
        if (i == 0) {
          Place digest = named(Shape::kDigest, "digest");
          digest.wrapped = true;
          return digest;
        }
        Place block{.shape = Shape::kBlock, .path = at(join(path, "block"), i - 1), .label = "authentication-block"};
        block.wrapped = true;
        return block;
      }
      case Shape::kDigest:
        return i == 0 ? named(Shape::kInt, "algorithm") : named(Shape::kBytes, "bytes");
      case Shape::kBranches:
      case Shape::kSharedBranches: {
        Place branch = plain(in == Shape::kBranches ? Shape::kSequence : Shape::kSharedSequence);
        branch.wrapped = true;
        branch.branch = true;
        return branch;
      }
      case Shape::kComponents:
        return plain(Shape::kComponentId);
      case Shape::kComponentId:
        return plain(Shape::kBytes);
      case Shape::kIndexArgument:
        return plain(Shape::kIndex);
      case Shape::kVersion:
      case Shape::kLabels:
        return plain(Shape::kInt);
      case Shape::kVersionMatch:
        return i == 0 ? named(Shape::kInt, "comparison") : named(Shape::kVersion, "value");
      case Shape::kVersionMatches:
        return plain(Shape::kVersionMatch);
      case Shape::kOtherDevice:
        return i == 0 ? named(Shape::kBytes, "device") : named(Shape::kVersionMatches, "versions");
      case Shape::kSigners:
        return plain(Shape::kSigner);
      case Shape::kRecipients:
        return plain(Shape::kRecipient);
      case Shape::kBlockBody:
        if (i < 2) return header(i);
        if (i == 2) return named(Shape::kAny, "payload");
        if (i == 3) return place.tag == 98 ? named(Shape::kSigners, "signatures") : named(Shape::kBytes, "signature");
        return i == 4 ? named(Shape::kRecipients, "recipients") : plain(Shape::kAny);
      case Shape::kSigner:
        return i < 2 ? header(i) : named(Shape::kBytes, "signature");
      case Shape::kEncryptionBody:
      case Shape::kRecipient:
        if (i < 2) return header(i);
        return i == 2 ? named(Shape::kAny, "ciphertext") : named(Shape::kRecipients, "recipients");
      default:
        return plain(Shape::kAny);
    }
  }

  bool sequence(cbor::Reader& reader, Node& node, const Place& place, size_t count, size_t depth) {
    if (count % 2 != 0) {
      find(Error::kCborMalformed, node.offset, node.path, "each command has an argument (SUIT manifest 8.4.6)");
    }
    const bool shared = place.shape == Shape::kSharedSequence;
    for (size_t i = 0; i + 1 < count; i += 2) {
      const std::string path = at(place.path, i / 2);
      const size_t key_offset = offset_of(reader.rest());
      const ByteView before = reader.rest();
      const Result<int64_t> label = reader.take_int();
      if (!label.ok()) {
        broken(label.error(), reader, path);
        return false;
      }
      const ByteView key_item = before.first(before.size() - reader.rest().size());
      const Element* row = find_element(Shape::kSequence, *label);
      Place argument = row == nullptr
                           ? Place{.shape = Shape::kCustomArgument, .path = join(path, std::to_string(*label))}
                           : Place::of(*row, path);
      if (row == nullptr) {
        find(Error::kCommandUnsupported, key_offset, path,
             "command " + std::to_string(*label) + " is not supported (SUIT manifest 8.4.9, 8.4.10)");
      } else if (shared) {
        if (!allowed_in_shared(*label)) {
          find(Error::kCommandNotAllowed, key_offset, argument.path,
               "the shared sequence holds conditions, and directives that set parameters (SUIT manifest 8.4.5)");
        }
        if (argument.shape == Shape::kSequence) argument.shape = Shape::kSharedSequence;
        if (argument.shape == Shape::kBranches) argument.shape = Shape::kSharedBranches;
      }
      std::optional<Node> child = item(reader, argument, depth - 1);
      if (!child) return false;
      child->key = *label;
      child->key_item = key_item;
      child->key_offset = key_offset;
      node.children.push_back(std::move(*child));
    }
    if (count % 2 == 0) return true;
    std::optional<Node> rest = item(reader, {.shape = Shape::kAny, .path = at(place.path, count / 2)}, depth - 1);
    return rest.has_value();
  }

  bool map(cbor::Reader& reader, Node& node, const Place& place, size_t depth) {
    const Result<size_t> pairs = reader.take_map();
    if (!pairs.ok()) {
      broken(pairs.error(), reader, place.path);
      return false;
    }
    ByteView previous;
    for (size_t i = 0; i < *pairs; ++i) {
      const cbor::Reader before = reader;
      std::optional<Node> key = item(reader, {.shape = Shape::kAny, .path = place.path}, depth - 1);
      if (!key) return false;
      const Status order = cbor::check_key_order(previous, key->item);
      if (!order.ok() && !(unordered_ && order.error() == Error::kCborNotCanonical)) {
        broken(order.error(), before, place.path);
        return false;
      }
      previous = key->item;
      const Place value = place_of_value(node, place.wrapped ? Shape::kAny : place.shape, place, *key);
      std::optional<Node> child = item(reader, value, depth - 1);
      if (!child) return false;
      child->key_item = key->item;
      child->key_offset = key->offset;
      if (key->type == cbor::Type::kUnsigned || key->type == cbor::Type::kNegative) child->key = key->number();
      node.children.push_back(std::move(*child));
    }
    return true;
  }

  Place place_of_value(const Node& node, Shape in, const Place& place, const Node& key) {
    const bool integer = key.type == cbor::Type::kUnsigned || key.type == cbor::Type::kNegative;
    const auto quoted = [&] { return place.path + "[\"" + key.text() + "\"]"; };
    const auto numbered = [&](Shape shape) {
      return Place{.shape = shape, .path = join(place.path, std::to_string(key.number()))};
    };
    const auto unknown = [&](Error code) {
      const std::string name = integer                         ? std::to_string(key.number())
                               : key.type == cbor::Type::kText ? quoted()
                                                               : "key";
      find(code, key.offset, node.path, "key " + name + " is not defined here" + clause_of(in));
      return Place{.shape = Shape::kAny, .path = join(node.path, name)};
    };
    if (integer && (key.type == cbor::Type::kNegative || key.argument <= INT64_MAX)) {
      if (const Element* row = find_element(in, key.number())) return Place::of(*row, place.path);
    }
    switch (in) {
      case Shape::kAny:
      case Shape::kHeader:
      case Shape::kCoseKey:
        return {.shape = Shape::kAny, .path = integer ? join(place.path, std::to_string(key.number())) : place.path};
      case Shape::kEnvelope:
        if (key.type == cbor::Type::kText) return {.shape = Shape::kBytes, .path = quoted()};
        return unknown(Error::kUnknownKey);
      case Shape::kDependencies:
      case Shape::kParametersOfEach:
      case Shape::kParameterLists:
        if (key.type != cbor::Type::kUnsigned) return unknown(Error::kCborWrongType);
        return numbered(in == Shape::kDependencies       ? Shape::kDependency
                        : in == Shape::kParametersOfEach ? Shape::kParameters
                                                         : Shape::kLabels);
      case Shape::kTexts:
        if (key.type != cbor::Type::kText) return unknown(Error::kCborWrongType);
        return {.shape = Shape::kLanguage, .path = quoted()};
      case Shape::kLanguage:
        if (key.type != cbor::Type::kArray) return unknown(Error::kUnknownKey);
        return {.shape = Shape::kComponentTexts, .path = place.path + "[" + component_text(key) + "]"};
      case Shape::kParameters:
        return unknown(Error::kParameterUnsupported);
      default:
        return unknown(Error::kUnknownKey);
    }
  }

  ByteView whole_;
  size_t base_;
  size_t nodes_ = 0, wraps_ = 0, sequences_ = 0;
  bool unordered_ = false;  ///< inside encryption info
  Walked out_;
};

const Node& Node::inner() const noexcept {
  return (opened || type == cbor::Type::kTag) && !children.empty() ? children.front() : *this;
}

const Node* Node::find(int64_t wanted) const noexcept {
  const auto found = std::find_if(children.begin(), children.end(), [&](const Node& child) {
    return child.key == wanted && !child.key_item.empty() && child.key_item[0] >> 5U <= 1;
  });
  return found == children.end() ? nullptr : &*found;
}

int64_t Node::number() const noexcept {
  const auto magnitude = static_cast<int64_t>(std::min<uint64_t>(argument, INT64_MAX));
  return type == cbor::Type::kNegative ? -1 - magnitude : magnitude;
}

bool Node::is_true() const noexcept {
  return type == cbor::Type::kSimple && head_bytes == 1 && argument == cbor::kTrue;
}

bool Node::is_null() const noexcept {
  return type == cbor::Type::kSimple && head_bytes == 1 && argument == cbor::kNull;
}

std::string Node::name() const {
  return element != nullptr ? element->name : std::to_string(key);
}

Failure Finding::to_failure() const {
  std::string context = "at byte " + std::to_string(offset);
  if (!path.empty()) context += ", " + path;
  return fail(code, context + ": " + rule);
}

Outcome<void> Walked::check() const {
  // What broke the walk off is the last thing that it met.
  if (!findings_.empty()) return (readable_ ? findings_.front() : findings_.back()).to_failure();
  return kOk;
}

const Node& Walked::envelope() const noexcept {
  return readable_ ? root_.inner() : kNoNode;
}

const Node& Walked::manifest() const noexcept {
  const Node* found = envelope().find(suit::envelope_key::kManifest);
  return found != nullptr && found->opened ? found->inner() : kNoNode;
}

const Node& Walked::common() const noexcept {
  const Node* found = manifest().find(suit::manifest_key::kCommon);
  return found != nullptr && found->opened ? found->inner() : kNoNode;
}

const Node* Walked::member(int64_t key) const noexcept {
  const Node* found = manifest().find(key);
  if (found != nullptr && found->severed) found = envelope().find(key);
  return found != nullptr && found->opened ? found : nullptr;
}

Outcome<ImageDigest> Walked::manifest_digest() const {
  const Node* wrapper = envelope().find(suit::envelope_key::kAuthentication);
  if (wrapper == nullptr || !wrapper->opened || wrapper->inner().children.empty()) {
    return fail(Error::kAuthenticationMissing, "the authentication wrapper has no digest");
  }
  return digest_of_node(wrapper->inner().children.front());
}

Outcome<ImageDigest> digest_of_node(const Node& node) {
  const Node& digest = node.inner();
  if (digest.children.size() != 2 || digest.children[1].type != cbor::Type::kBytes) {
    return fail(Error::kCborWrongType, node.path + ": not a digest");
  }
  const ByteView bytes = digest.children[1].content;
  return ImageDigest(static_cast<crypto::HashAlgorithm>(digest.children[0].number()),
                     Bytes(bytes.begin(), bytes.end()));
}

Walked walk_envelope(ByteView bytes, const suit::Leniency& leniency, const std::string& path, size_t offset) {
  Walked walked = Walker(bytes, offset).walk(Shape::kEnvelope, path, &leniency);
  for (const Node& member : walked.envelope().children) {
    if (!member.key_item.empty() && member.key_item[0] >> 5U == static_cast<unsigned>(cbor::Type::kText)) {
      walked.payloads_.push_back(&member);
    }
  }
  check_flow(walked, leniency);
  return walked;
}

Walked walk_item(ByteView bytes) {
  return Walker(bytes, 0).walk(Shape::kAny, "", nullptr);
}

}  // namespace tailor::authoring
