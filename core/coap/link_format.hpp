// SPDX-License-Identifier: Apache-2.0
// The body of /.well-known/core: the resource table in CoRE link format (RFC 6690), filtered by ?rt= or ?href=. It is
// generated anew for each block that is read, so that no buffer holds it.
#pragma once

#include <span>
#include <string_view>

#include "core/coap/resource.hpp"

namespace tailor::coap {

class LinkFormat final : public BodySource {
 public:
  /// @param query  "rt=..." and "href=..." filter (a final "*" matches any continuation, RFC 6690 4.1); others do not
  LinkFormat(std::span<const Resource> resources, const OptionList& query) noexcept
      : resources_(resources), query_(query) {}

  [[nodiscard]] uint32_t size() noexcept;
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;

 private:
  [[nodiscard]] bool listed(const Resource& resource) const noexcept;
  void put(std::string_view text) noexcept;
  void put_number(unsigned value) noexcept;
  void generate() noexcept;

  std::span<const Resource> resources_;
  OptionList query_;
  MutableBytes window_;  ///< receives what falls into [offset_, offset_ + window_.size())
  uint32_t offset_ = 0;
  uint32_t position_ = 0;
};

}  // namespace tailor::coap
