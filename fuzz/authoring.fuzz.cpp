// SPDX-License-Identifier: Apache-2.0
// Any bytes where an author's tool expects an envelope: it is shown, explained, judged and compared, or refused by a
// declared error; what one accepts the other can show. A record of a device is read or refused.
#include "authoring/diagnostic.hpp"
#include "authoring/difference.hpp"
#include "authoring/envelope_edit.hpp"
#include "authoring/explain.hpp"
#include "authoring/factory.hpp"
#include "authoring/lint.hpp"
#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"

using namespace tailor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input(data, size);
  const auto shown = authoring::envelope_diagnostic(input);
  const auto summary = authoring::summarize(input);
  if (summary.ok() && !shown.ok()) __builtin_trap();
  const authoring::Walked walked = authoring::walk_envelope(input);
  if (walked.readable() != shown.ok()) __builtin_trap();
  for (const authoring::Finding& finding : walked.findings()) {
    if (finding.offset > size) __builtin_trap();
  }
  if (authoring::explain(walked).empty()) __builtin_trap();
  static_cast<void>(authoring::lint(walked));
  if (!authoring::differences(walked, walked).empty()) __builtin_trap();
  if (authoring::verify_envelope(input, {}, suit::kStrict).ok()) __builtin_trap();
  static_cast<void>(authoring::sever(input, {}).ok());
  static_cast<void>(authoring::record_from_json(as_text(input)).ok());
  return 0;
}
