// SPDX-License-Identifier: Apache-2.0
// The option rules of RFC 7252 5.4 and 5.10, RFC 7641 2 and RFC 7959 2.1.
#include "core/coap/parsed_options.hpp"

namespace tailor::coap {
namespace {

/// What RFC 7252 5.10 and its successors say of the length; a longer or shorter value counts as unknown.
struct Rule {
  Option option;
  uint8_t min_bytes;
  uint8_t max_bytes;
  bool repeatable;
  bool in_requests;
  bool in_responses;
};

constexpr Rule kRules[] = {
    {Option::kUriHost, 1, 255, false, true, false},  {Option::kETag, 1, 8, true, true, true},
    {Option::kObserve, 0, 3, false, true, true},     {Option::kUriPort, 0, 2, false, true, false},
    {Option::kUriPath, 0, 255, true, true, false},   {Option::kContentFormat, 0, 2, false, true, true},
    {Option::kMaxAge, 0, 4, false, false, true},     {Option::kUriQuery, 0, 255, true, true, false},
    {Option::kAccept, 0, 2, false, true, false},     {Option::kBlock2, 0, 3, false, true, true},
    {Option::kBlock1, 0, 3, false, true, true},      {Option::kSize2, 0, 4, false, true, true},
    {Option::kProxyUri, 1, 255, false, true, false}, {Option::kProxyScheme, 1, 255, false, true, false},
    {Option::kSize1, 0, 4, false, true, true},       {Option::kHold, 0, 0, false, false, true},
};

bool known(const OptionView& option, bool repeated, bool of_request) {
  for (const Rule& rule : kRules) {
    if (!option.is(rule.option)) continue;
    return (of_request ? rule.in_requests : rule.in_responses) && (rule.repeatable || !repeated) &&
           option.value.size() >= rule.min_bytes &&
           (option.value.size() <= rule.max_bytes || rule.option == Option::kProxyUri);
  }
  return false;
}

}  // namespace

Status ParsedOptions::take(const OptionView& option, bool of_request) noexcept {
  const Result<uint32_t> number = uint_value(option.value, 4);
  const uint32_t value = number.ok() ? number.value() : 0;
  switch (static_cast<Option>(option.number)) {
    case Option::kETag:
      if (etag.empty()) etag = option.value;
      break;
    case Option::kObserve:
      observe = value;
      break;
    case Option::kUriPath:
      if (as_text(option.value) == "." || as_text(option.value) == "..") return Error::kCriticalOptionUnknown;
      break;
    case Option::kContentFormat:
      content_format = static_cast<uint16_t>(value);
      break;
    case Option::kMaxAge:
      max_age_s = value;
      break;
    case Option::kAccept:
      accept = static_cast<uint16_t>(value);
      break;
    case Option::kBlock1: {
      TAILOR_TRY_ASSIGN(block1, Block::from_value(option.value));
      has_block1 = true;
      break;
    }
    case Option::kBlock2: {
      TAILOR_TRY_ASSIGN(block2, Block::from_value(option.value));
      has_block2 = true;
      break;
    }
    case Option::kSize1:
      size1 = value;
      break;
    case Option::kSize2:
      size2 = value;
      break;
    case Option::kProxyUri:
    case Option::kProxyScheme:
      proxy = of_request;
      break;
    default:
      break;
  }
  return kOk;
}

Result<ParsedOptions> ParsedOptions::read(ByteView bytes, bool of_request) noexcept {
  ParsedOptions options;
  OptionReader reader(bytes);
  OptionView option;
  uint32_t previous = UINT32_MAX;
  while (reader.next(option)) {
    const bool repeated = option.number == previous;
    previous = option.number;
    if (known(option, repeated, of_request)) {
      TAILOR_TRY(options.take(option, of_request));
    } else if (is_critical(option.number)) {
      return Error::kCriticalOptionUnknown;
    }
  }
  return options;
}

}  // namespace tailor::coap
