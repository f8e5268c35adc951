// SPDX-License-Identifier: Apache-2.0
// Walks the command sequences of a manifest without executing them and notes every parameter that matters for choosing,
// in whatever branch it stands.
#pragma once

#include <map>

#include "core/suit/manifest.hpp"
#include "services/update/domain/model.hpp"

namespace tailor::update_server {

class SequenceWalk {
 public:
  SequenceWalk(ManifestFacts& facts, size_t components) : facts_(facts), components_(components) {}

  /// @param sequence  content of the byte string of a command sequence
  /// @returns kCborMalformed and its like; kCborTooDeep beyond limits::kSequenceDepth; kComponentIndexInvalid
  [[nodiscard]] Status walk(ByteView sequence) { return walk(sequence, 0); }

 private:
  struct Known {
    std::optional<Digest> digest;
    std::optional<uint64_t> size_bytes;
    std::string uri;
  };

  Status walk(ByteView sequence, size_t depth);
  Status command(int64_t label, cbor::Reader& reader, size_t depth);
  Status select(cbor::Reader& reader);
  Status parameters(cbor::Reader& reader);
  Status parameter(int64_t label, cbor::Reader& reader);
  Status try_each(cbor::Reader& reader, size_t depth);
  Status select_one(uint64_t index);
  void fetch();

  ManifestFacts& facts_;
  size_t components_;
  std::vector<uint64_t> selected_;
  std::map<uint64_t, Known> known_;
};

}  // namespace tailor::update_server
