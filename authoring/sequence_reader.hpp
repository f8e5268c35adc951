// SPDX-License-Identifier: Apache-2.0
// Reads command sequences without running them: every branch, for what is set, fetched and checked. The processor is
// the one that runs them; this is for people and for checks before an upload.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/uuid.hpp"
#include "core/cbor/reader.hpp"
#include "core/crypto/crypto.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

/// Parameters of one component, as last set.
struct Parameters {
  std::optional<Uuid> vendor, device_class;
  std::optional<crypto::Sha256Digest> digest;
  std::optional<uint64_t> size_bytes;
  std::string uri;
};

/// One directive-fetch.
struct Fetch {
  size_t component = 0;
  Parameters parameters;  ///< as they stand there
};

class SequenceReader {
 public:
  explicit SequenceReader(size_t components) : parameters_(components) {}

  /// Reads one sequence; parameters stay from one to the next, the component index does not.
  ///
  /// @param section  how failures call it
  /// @returns kCommandUnsupported, kParameterUnsupported, kComponentIndexInvalid, or the CBOR reader's failure
  [[nodiscard]] Outcome<void> read(ByteView sequence, const std::string& section);

  [[nodiscard]] const std::vector<Parameters>& parameters() const noexcept { return parameters_; }
  [[nodiscard]] const std::vector<Fetch>& fetches() const noexcept { return fetches_; }

 private:
  Outcome<void> commands(ByteView sequence, size_t depth);
  Outcome<void> command(int64_t label, cbor::Reader& reader, size_t depth);
  Outcome<void> set_index(cbor::Reader& reader);
  Outcome<void> set_parameters(cbor::Reader& reader);
  Outcome<void> set_parameter(int64_t key, cbor::Reader& reader, Parameters& out);
  Outcome<void> try_each(cbor::Reader& reader, size_t depth);
  /// Says where, for a failure of the core.
  template <typename T>
  Outcome<T> here(Result<T> result) const {
    return with_context(std::move(result), where_);
  }

  std::vector<Parameters> parameters_;
  std::vector<Fetch> fetches_;
  std::vector<size_t> selected_;
  std::string where_;
};

}  // namespace tailor::authoring
