// SPDX-License-Identifier: Apache-2.0
// Link format generator (RFC 6690 2, 4.1; attribute obs of RFC 7641 6).
#include "core/coap/link_format.hpp"

#include <algorithm>

namespace tailor::coap {
namespace {

bool value_matches(std::string_view value, std::string_view filter) {
  if (!filter.empty() && filter.back() == '*') {
    filter.remove_suffix(1);
    return slice(value, 0, filter.size()) == filter;
  }
  return value == filter;
}

/// An attribute may hold several values, separated by blanks.
bool any_matches(std::string_view values, std::string_view filter) {
  while (!values.empty()) {
    const size_t blank = std::min(values.find(' '), values.size());
    if (value_matches(slice(values, 0, blank), filter)) return true;
    values.remove_prefix(std::min(blank + 1, values.size()));
  }
  return false;
}

/// "img/*" is not a resource but a family; its link names the part that they have in common.
std::string_view linked_path(std::string_view path) {
  if (!path.empty() && path.back() == '*') path.remove_suffix(1);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

bool LinkFormat::listed(const Resource& resource) const noexcept {
  if (resource.hidden) return false;
  const std::string_view type = query_.argument("rt");
  if (!type.empty() && !any_matches(resource.type, type)) return false;
  std::string_view href = query_.argument("href");
  if (href.empty()) return true;
  if (href.front() == '/') href.remove_prefix(1);
  return value_matches(linked_path(resource.path), href);
}

void LinkFormat::put(std::string_view text) noexcept {
  for (const char c : text) {
    if (position_ >= offset_ && position_ - offset_ < window_.size()) {
      window_[position_ - offset_] = static_cast<uint8_t>(c);
    }
    ++position_;
  }
}

void LinkFormat::put_number(unsigned value) noexcept {
  if (value >= 10) put_number(value / 10);  // at most five digits
  const char digit = static_cast<char>('0' + value % 10);
  put({&digit, 1});
}

void LinkFormat::generate() noexcept {
  position_ = 0;
  for (const Resource& resource : resources_) {
    if (!listed(resource)) continue;
    put(position_ == 0 ? "</" : ",</");
    put(linked_path(resource.path));
    put(">");
    if (!resource.type.empty()) {
      put(";rt=\"");
      put(resource.type);
      put("\"");
    }
    if (resource.produces != format::kNone) {
      put(";ct=");
      put_number(resource.produces);
    }
    if (resource.observable) put(";obs");
  }
}

uint32_t LinkFormat::size() noexcept {
  window_ = {};
  generate();
  return position_;
}

Result<size_t> LinkFormat::read(uint32_t offset, MutableBytes out) noexcept {
  offset_ = offset;
  window_ = out;
  generate();
  return offset >= position_ ? size_t{0} : std::min<size_t>(position_ - offset, out.size());
}

}  // namespace tailor::coap
