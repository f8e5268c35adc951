// SPDX-License-Identifier: Apache-2.0
// The state of a device as a JSON document (docs/formats/device-state.md), and what became of it. The one form for the
// conformance kit, for `tailor manifest try` and for tests.
#pragma once

#include <nlohmann/json.hpp>

#include "trial/recipient.hpp"

namespace tailor::trial {

using Json = nlohmann::json;

/// Makes the recipient that a document describes: octets in hexadecimal, keys as COSE_Key.
///
/// @returns kJsonMalformed with the place in the document: a member that is missing, unknown, or not what it has to
///          be; what a key gives
[[nodiscard]] Outcome<std::unique_ptr<Recipient>> recipient_from_json(const Json& state);

/// The conformance kit's result: verdict, reason, error, trace, components, invoked (tests/conformance/suit/README.md).
[[nodiscard]] Json result_of(const Recipient& recipient, const Ending& ending);
/// Members `trace`, `components` and `invoked` alone.
[[nodiscard]] Json outcome_of(const Recipient& recipient);

/// The whole contract of the kit: state in, result out.
[[nodiscard]] Outcome<Json> run(ByteView envelope, const Json& state);

/// "done", "waiting", "refused".
[[nodiscard]] std::string_view name_of(Verdict verdict) noexcept;
/// The parts of an encoded component identifier in hexadecimal.
[[nodiscard]] std::vector<std::string> parts_of(ByteView encoded);

/// A COSE_Key for content decryption, private or symmetric, with its key id.
[[nodiscard]] Outcome<std::pair<Bytes, suit::ContentDecryptionKey>> decryption_key_from_cose(ByteView encoded);

}  // namespace tailor::trial
