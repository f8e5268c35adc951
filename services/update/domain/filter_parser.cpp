// SPDX-License-Identifier: Apache-2.0
// The parser of RSQL filters. Every failure says where it stands and what was expected; nothing recurses beyond
// kFilterDepth.
#include <charconv>

#include "hosted/utc_clock.hpp"
#include "services/store/value.hpp"
#include "services/update/domain/filter.hpp"

namespace tailor::update_server {
namespace {

constexpr std::string_view kReserved = "\"'();,=!~<> ";

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// A longer operator stands before one that it begins with.
constexpr Operator kOperators[] = {
    {"=in=", Comparison::kIn},         {"=out=", Comparison::kOut},    {"=lt=", Comparison::kLess},
    {"=le=", Comparison::kLessEqual},  {"=gt=", Comparison::kGreater}, {"=ge=", Comparison::kGreaterEqual},
    {"==", Comparison::kEqual},        {"!=", Comparison::kNotEqual},  {"<=", Comparison::kLessEqual},
    {">=", Comparison::kGreaterEqual}, {"<", Comparison::kLess},       {">", Comparison::kGreater},
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Outcome<FilterNode> run() {
    TAILOR_TRY_ASSIGN(FilterNode node, any_of(0));
    if (at_ != text_.size()) return expected("the end, ';' or ','");
    return node;
  }

 private:
  Failure expected(std::string_view what) const {
    return fail(Error::kUsageInvalid,
                "filter, position " + std::to_string(at_ + 1) + ": expected " + std::string(what));
  }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Outcome<FilterNode> any_of(size_t depth) { return group(FilterNode::Kind::kOr, ",", depth); }
  Outcome<FilterNode> all_of(size_t depth) { return group(FilterNode::Kind::kAnd, ";", depth); }

  Outcome<FilterNode> group(FilterNode::Kind kind, std::string_view separator, size_t depth) {
    FilterNode node;
    node.kind = kind;
    do {
      TAILOR_TRY_ASSIGN(FilterNode child, kind == FilterNode::Kind::kOr ? all_of(depth) : term(depth));
      node.children.push_back(std::move(child));
    } while (take(separator));
    if (node.children.size() > 1) return node;
    FilterNode only = std::move(node.children.front());
    return only;
  }

  Outcome<FilterNode> term(size_t depth) {
    if (!take("(")) return comparison();
    if (depth + 1 >= kFilterDepth) return expected("fewer parentheses inside each other");
    TAILOR_TRY_ASSIGN(FilterNode node, any_of(depth + 1));
    if (!take(")")) return expected("')'");
    return node;
  }

  Outcome<FilterNode> comparison() {
    if (++comparisons_ > kFilterComparisons) return expected("fewer comparisons");
    const size_t start = at_;
    const size_t end = text_.find_first_of(kReserved, at_);
    const std::string_view name = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    const FieldInfo* info = find_field(name);
    if (info == nullptr) return expected("a field name");
    at_ += name.size();
    FilterNode node;
    node.field = info->field;
    TAILOR_TRY_ASSIGN(node.comparison, comparison_operator());
    const bool list = node.comparison == Comparison::kIn || node.comparison == Comparison::kOut;
    const bool ordered = !list && node.comparison != Comparison::kEqual && node.comparison != Comparison::kNotEqual;
    if (ordered && info->kind == FieldKind::kText) {
      at_ = start;
      return expected("a field that has an order");
    }
    if (list && !take("(")) return expected("'('");
    do {
      if (node.values.size() == kFilterListValues) return expected("fewer values");
      TAILOR_TRY_ASSIGN(std::string value, normalized(*info));
      node.values.push_back(std::move(value));
    } while (list && take(","));
    if (list && !take(")")) return expected("')'");
    return node;
  }

  Outcome<Comparison> comparison_operator() {
    for (const Operator& candidate : kOperators) {
      if (take(candidate.text)) return candidate.comparison;
    }
    return expected("an operator");
  }

  Outcome<std::string> value() {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    std::string out;
    if (quote != '"' && quote != '\'') {
      const size_t end = text_.find_first_of(kReserved, at_);
      out = std::string(text_.substr(at_, end == std::string_view::npos ? end : end - at_));
      if (out.empty()) return expected("a value");
      at_ += out.size();
      return out;
    }
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return out;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out.push_back(text_[at_]);
    }
    return expected("the closing quote");
  }

  Outcome<std::string> normalized(const FieldInfo& info) {
    const size_t start = at_;
    TAILOR_TRY_ASSIGN(std::string text, value());
    for (const char c : text) {
      if (const auto code = static_cast<unsigned char>(c); code < 0x20 || code >= 0x7F) {
        at_ = start;
        return expected("printable ASCII characters");
      }
    }
    if (info.kind == FieldKind::kTime) {
      const Outcome<UtcTime> time = from_rfc3339(text);
      if (time.ok()) return store::hex_u64(static_cast<uint64_t>(to_unix_ms(time.value())));
      at_ = start;
      return expected("a time such as 2026-11-20T15:55:00Z");
    }
    if (info.kind == FieldKind::kNumber) {
      uint64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size()) return store::hex_u64(number);
      at_ = start;
      return expected("a number");
    }
    if (info.field == Field::kId || info.field == Field::kVendor || info.field == Field::kClass ||
        info.field == Field::kDigest) {
      for (char& c : text) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
      }
    }
    return text;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t comparisons_ = 0;
};

}  // namespace

Outcome<FilterNode> parse_filter(std::string_view text) {
  if (text.size() > kFilterBytes) {
    return fail(Error::kUsageInvalid, "filter is longer than " + std::to_string(kFilterBytes) + " bytes");
  }
  return Parser(text).run();
}

}  // namespace tailor::update_server
