// SPDX-License-Identifier: Apache-2.0
// Any bytes as a manifest that a trusted author signed: the processor ends with an update or an error, in bounded
// steps, and uses components only as their contract allows (DeclaredComponent traps otherwise).
#include "core/processor/processor.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

using namespace tailor;

namespace {

void run(const suit::AuthenticManifest& manifest, processor::Procedure procedure) {
  testing::DeclaredPlatform platform;
  for (uint8_t i = 0; i < 3; ++i) platform.add(testing::component_id(i), "c").capacity = 4096;
  testing::DeclaredPayloads payloads;
  payloads.payloads["p"] = testing::Octets(300, 1);
  const testing::AllowAll all;
  processor::Processor processor({platform, payloads, all});
  const auto applicable = processor.check(manifest);
  if (!applicable.ok() || !processor.start(*applicable, procedure).ok()) return;
  if (const auto progress = processor.step(); progress.ok() && *progress != Progress::kDone) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const testing::Author author;
  const ByteView manifest(data, size);
  std::array<uint8_t, 256> block_buffer;
  const ByteView blocks[] = {suit::sign_manifest(manifest, author.key(), {}, block_buffer).value()};
  testing::Octets bytes(suit::envelope_bytes({manifest, blocks, {}, {}}));
  if (!suit::encode_envelope({manifest, blocks, {}, {}}, bytes).ok()) __builtin_trap();
  const auto envelope = suit::Envelope::from_bytes(bytes);
  const auto authentic = suit::authenticate(envelope.value(), author.anchors(), {});
  if (!authentic.ok()) return 0;
  for (const auto procedure : {processor::Procedure::kUpdate, processor::Procedure::kInvoke})
    run(*authentic, procedure);
  return 0;
}
