// SPDX-License-Identifier: Apache-2.0
// The text of a Failure, the same in logs, CLI and problem documents.
#include "hosted/failure.hpp"

namespace tailor {

std::string Failure::to_text() const {
  const ErrorInfo& info = describe(code);
  std::string text(info.name);
  text.append(": ").append(info.meaning);
  if (!context.empty()) text.append(" (").append(context).append(")");
  return text;
}

}  // namespace tailor
