// SPDX-License-Identifier: Apache-2.0
// The one strict walk over an envelope: every byte of it is looked at, by the table of grammar.hpp, and what is there
// stands in a tree with names, paths and byte offsets. What breaks a rule is a finding; the walk goes on where it can,
// so that people see the rest. verify, inspect, explain, diff and lint rest on this.
#pragma once

#include <string>
#include <vector>

#include "authoring/model/cbor_item.hpp"
#include "authoring/walk/grammar.hpp"
#include "core/cbor/head.hpp"
#include "core/suit/leniency.hpp"

namespace tailor::authoring {

/// One CBOR item of the envelope. Views point into the bytes that were walked.
struct Node {
  Shape shape = Shape::kAny;
  const Element* element = nullptr;  ///< its row in the grammar; null for elements of arrays and foreign keys
  const char* label = nullptr;       ///< what an element of an array is called, where the documents give it a name
  std::string path;                  ///< "manifest.install[3].override-parameters.image-digest"
  size_t offset = 0;                 ///< in the file
  ByteView item;                     ///< with the head
  cbor::Type type = cbor::Type::kUnsigned;
  uint64_t argument = 0;  ///< number, count, tag, or value of a simple
  uint8_t head_bytes = 0;
  ByteView content;      ///< of byte strings and texts
  bool opened = false;   ///< a byte string whose content is `children[0]`
  bool severed = false;  ///< a digest in place of a member
  int64_t key = 0;       ///< in a map with integer keys, and of a command in a sequence
  ByteView key_item;     ///< the key, encoded; empty in arrays
  size_t key_offset = 0;
  std::vector<Node> children;

  /// The item inside an opened byte string or tag; itself otherwise.
  [[nodiscard]] const Node& inner() const noexcept;
  /// The child with this integer key; null when there is none.
  [[nodiscard]] const Node* find(int64_t wanted) const noexcept;
  /// The integer, for kUnsigned up to INT64_MAX and kNegative.
  [[nodiscard]] int64_t number() const noexcept;
  [[nodiscard]] std::string text() const { return std::string(as_text(content)); }
  [[nodiscard]] bool is_true() const noexcept;
  [[nodiscard]] bool is_null() const noexcept;
  /// A member of the manifest that is or stands for a command sequence.
  [[nodiscard]] bool holds_sequence() const noexcept {
    return element != nullptr && element->shape == Shape::kSequence;
  }
  /// Name in the grammar, else the key as a number.
  [[nodiscard]] std::string name() const;
};

/// Something that breaks a rule.
struct Finding {
  Error code = Error::kInternal;
  size_t offset = 0;
  std::string path;
  std::string rule;  ///< what holds, with its clause

  [[nodiscard]] Failure to_failure() const;
};

class Walked {
 public:
  Walked() = default;
  Walked(Walked&&) = default;
  Walked& operator=(Walked&&) = default;
  Walked(const Walked&) = delete;
  Walked& operator=(const Walked&) = delete;
  ~Walked() = default;

  /// Everything that was found, in the order of the bytes within each pass.
  [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }
  /// Whether the envelope could be read as CBOR at its outermost level: root() then is its map.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  [[nodiscard]] const Node& root() const noexcept { return root_; }
  [[nodiscard]] bool tagged() const noexcept { return tagged_; }
  /// The first finding as a failure, or what made the envelope unreadable; kOk when there is none.
  [[nodiscard]] Outcome<void> check() const;

  /// The envelope's map; an empty node when it is none.
  [[nodiscard]] const Node& envelope() const noexcept;
  /// The manifest's map; an empty node when it could not be read.
  [[nodiscard]] const Node& manifest() const noexcept;
  [[nodiscard]] const Node& common() const noexcept;
  /// A member of the manifest, or of the envelope where it was severed; null when it is not here. The node is opened.
  [[nodiscard]] const Node* member(int64_t key) const noexcept;
  /// Digest of the authentication wrapper.
  [[nodiscard]] Outcome<ImageDigest> manifest_digest() const;
  [[nodiscard]] const std::vector<const Node*>& payloads() const noexcept { return payloads_; }

  void add(Finding finding) { findings_.push_back(std::move(finding)); }

 private:
  friend class Walker;
  friend Walked walk_envelope(ByteView, const suit::Leniency&, const std::string&, size_t);
  Node root_;
  std::vector<Finding> findings_;
  std::vector<const Node*> payloads_;
  bool readable_ = false, tagged_ = false;
};

/// Walks an envelope. The bytes have to stay as long as what is returned.
/// @param path  goes before every path, for an envelope inside another
[[nodiscard]] Walked walk_envelope(ByteView bytes, const suit::Leniency& leniency = suit::kStrict,
                                   const std::string& path = "", size_t offset = 0);

/// Walks any one CBOR item, without names.
[[nodiscard]] Walked walk_item(ByteView bytes);

/// Reads a SUIT_Digest node.
[[nodiscard]] Outcome<ImageDigest> digest_of_node(const Node& node);

}  // namespace tailor::authoring
