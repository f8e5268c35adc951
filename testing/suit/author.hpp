// SPDX-License-Identifier: Apache-2.0
// A small author for tests: puts sequences into a manifest, signs it, and gives the envelope.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/suit/encoder/envelope_encoder.hpp"
#include "testing/suit/known_keys.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::testing {

/// Encodes a command sequence.
[[nodiscard]] Octets sequence(const std::function<void(suit::SequenceWriter&)>& write);

/// An encoded component identifier with one part of one octet.
[[nodiscard]] Octets component_id(uint8_t part);

class Author {
 public:
  Author();

  /// Components have the identifiers component_id(0), component_id(1), ...
  Author& components(uint8_t count);
  Author& number(uint64_t sequence_number);
  Author& shared(Octets sequence);
  Author& member(int64_t key, Octets sequence, bool severed = false);
  Author& payload(std::string uri, Octets content);
  /// Component `index` holds a dependency; with a prefix (encoded), it may be beyond the list of components.
  Author& depends_on(uint64_t index, Octets prefix = {});
  /// Names components by these encoded identifiers instead.
  Author& named(std::vector<Octets> ids);
  /// Where the root manifest is kept; encoded.
  Author& kept_at(Octets id);
  Author& version(std::vector<int64_t> numbers);

  /// Signs with the same key as another author.
  Author& like(const Author& other);

  /// The signed envelope.
  [[nodiscard]] Octets envelope() const;
  [[nodiscard]] const KnownKeys& anchors() const { return anchors_; }
  [[nodiscard]] const crypto::P256PrivateKey& key() const { return key_; }

 private:
  struct Part {
    int64_t key;
    Octets content;
    bool severed;
  };
  crypto::P256PrivateKey key_;
  KnownKeys anchors_;
  std::vector<Octets> ids_ = {component_id(0)};
  std::vector<std::pair<uint64_t, Octets>> dependencies_;
  Octets kept_at_;
  std::vector<int64_t> version_;
  uint64_t number_ = 1;
  Octets shared_;
  std::vector<Part> members_;
  std::vector<std::pair<std::string, Octets>> payloads_;
};

}  // namespace tailor::testing
