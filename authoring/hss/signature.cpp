// SPDX-License-Identifier: Apache-2.0
#include "authoring/hss/signature.hpp"

#include <charconv>
#include <optional>

namespace tailor::authoring {
namespace {

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_u32(Bytes& out, uint32_t value) {
  std::array<uint8_t, 4> bytes{};
  hss::write_u32(bytes.data(), value);
  append(out, bytes);
}

TreeSecret top_tree(const HssSecret& secret) {
  return {.parameters = secret.levels.front(), .identifier = secret.identifier, .seed = secret.seed.clone()};
}

/// Takes "H10" apart: the letter and the number.
std::optional<unsigned> number_after(std::string_view& text, std::string_view letter) {
  if (!text.starts_with(letter)) return std::nullopt;
  unsigned value = 0;
  const char* const begin = text.data() + letter.size();
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc{} || end == begin) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

Outcome<hss::Parameters> parse_level(std::string_view text) {
  const std::string whole(text);
  const Failure refused = fail(Error::kUsageInvalid, "\"" + whole + "\" is no HSS/LMS parameter set; write H10/W8, " +
                                                         "with H5, H10 or H15, W1, W2, W4 or W8, and /192 for "
                                                         "24-byte hashes");
  const auto height = number_after(text, "H");
  const auto width = number_after(text, "/W");
  const bool is_short = text == "/192";
  if (!height || !width || (!text.empty() && !is_short)) return refused;
  for (uint32_t ots = is_short ? 5 : 1; ots <= (is_short ? 8U : 4U); ++ots) {
    for (uint32_t lms = is_short ? 10 : 5; lms <= (is_short ? 14U : 9U); ++lms) {
      const hss::Parameters found = hss::parameters_of(lms, ots).value();
      if (found.height == *height && found.width == *width && found.height <= kMaxTreeHeight) return found;
    }
  }
  return refused;
}

}  // namespace

uint64_t HssSecret::capacity() const noexcept {
  unsigned bits = 0;
  for (const hss::Parameters& level : levels) bits += level.height;
  return bits < 64 ? uint64_t{1} << bits : UINT64_MAX;  // 2^120 is as good as 2^64
}

Outcome<void> check_levels(const std::vector<hss::Parameters>& levels) {
  if (levels.empty() || levels.size() > hss::kMaxLevels) {
    return fail(Error::kValueOutOfRange, "an HSS key has 1 to 8 levels");
  }
  for (const hss::Parameters& level : levels) {
    if (level.height > kMaxTreeHeight) return fail(Error::kValueOutOfRange, "trees above H15 are not made here");
    if (level.hash_bytes != levels.front().hash_bytes) {
      return fail(Error::kValueOutOfRange, "all levels of an HSS key hash to the same length (SP 800-208 4)");
    }
  }
  return kOk;
}

Outcome<std::vector<hss::Parameters>> parse_levels(std::string_view text) {
  std::vector<hss::Parameters> levels;
  while (true) {
    const size_t comma = text.find(',');
    TAILOR_TRY_ASSIGN(const hss::Parameters level, parse_level(text.substr(0, comma)));
    levels.push_back(level);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  const auto checked = check_levels(levels);
  if (!checked.ok()) return fail(Error::kUsageInvalid, checked.error().context);
  return levels;
}

std::string levels_to_text(const std::vector<hss::Parameters>& levels) {
  std::string out;
  for (const hss::Parameters& level : levels) {
    if (!out.empty()) out += ',';
    out += "H" + std::to_string(level.height) + "/W" + std::to_string(level.width);
    if (level.hash_bytes == 24) out += "/192";
  }
  return out;
}

const Leaves& LeafCache::leaves_of(size_t level, const TreeSecret& secret) {
  if (entries_.size() <= level) entries_.resize(level + 1);
  Entry& entry = entries_[level];
  const size_t expected = (size_t{1} << secret.parameters.height) * secret.parameters.hash_bytes;
  if (entry.identifier != secret.identifier || entry.leaves.size() != expected) {
    entry = {secret.identifier, make_leaves(secret)};
    changed_ = true;
  }
  return entry.leaves;
}

Bytes hss_public_key(const HssSecret& secret, LeafCache& cache) {
  const TreeSecret top = top_tree(secret);
  Bytes out;
  append_u32(out, static_cast<uint32_t>(secret.levels.size()));
  append(out, lms_public_key(top, cache.leaves_of(0, top)));
  return out;
}

Bytes hss_sign(const HssSecret& secret, uint64_t index, ByteView message, LeafCache& cache) {
  // The digits of the index, the bottom tree's last: each says which one-time key of its level signs.
  const size_t count = secret.levels.size();
  std::vector<uint32_t> digits(count);
  for (size_t level = count; level-- > 0;) {
    const unsigned height = secret.levels[level].height;
    digits[level] = static_cast<uint32_t>(index & ((uint64_t{1} << height) - 1));
    index >>= height;
  }
  Bytes out;
  append_u32(out, static_cast<uint32_t>(count - 1));
  TreeSecret tree = top_tree(secret);
  for (size_t level = 0; level + 1 < count; ++level) {
    TreeSecret below = tree_below(tree, digits[level], secret.levels[level + 1]);
    const Bytes key = lms_public_key(below, cache.leaves_of(level + 1, below));
    append(out, lms_sign(tree, cache.leaves_of(level, tree), digits[level], key));
    append(out, key);
    tree = std::move(below);
  }
  append(out, lms_sign(tree, cache.leaves_of(count - 1, tree), digits[count - 1], message));
  return out;
}

}  // namespace tailor::authoring
