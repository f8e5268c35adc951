// SPDX-License-Identifier: Apache-2.0
// The order of steps is in the types: Envelope -> AuthenticManifest -> ApplicableManifest -> StagedUpdate. Compiled by
// tests once for each TAILOR_CASE; 0 has to compile, the others may not.
#include "core/processor/receiver.hpp"

using namespace tailor;

suit::AuthenticManifest authentic(const suit::Envelope& envelope, const suit::TrustAnchors& anchors) {
  return suit::authenticate(envelope, anchors, suit::kStrict).value();
}
processor::ApplicableManifest applicable(processor::Processor& processor, const suit::AuthenticManifest& manifest) {
  return processor.check(manifest).value();
}

#if TAILOR_CASE == 0
void in_order(processor::Processor& processor, const suit::Envelope& envelope, const suit::TrustAnchors& anchors) {
  const suit::AuthenticManifest manifest = authentic(envelope, anchors);
  const processor::ApplicableManifest ready = applicable(processor, manifest);
  if (!processor.start(ready, processor::Procedure::kUpdate).ok() || !processor.step().ok()) return;
  [[maybe_unused]] const Result<processor::StagedUpdate> staged = processor.staged();
}
#elif TAILOR_CASE == 1  // an envelope out of nothing
suit::Envelope envelope;
#elif TAILOR_CASE == 2  // an authentic manifest out of nothing
suit::AuthenticManifest manifest;
#elif TAILOR_CASE == 3  // an authentic manifest from a decoded one
suit::AuthenticManifest believe(const suit::Manifest& manifest) {
  return suit::AuthenticManifest(manifest);
}
#elif TAILOR_CASE == 4  // an applicable manifest without the check
processor::ApplicableManifest skip(const suit::AuthenticManifest& m) {
  return processor::ApplicableManifest(m);
}
#elif TAILOR_CASE == 5  // a staged update without running
processor::StagedUpdate skip(const suit::AuthenticManifest& m) {
  return processor::StagedUpdate(m);
}
#elif TAILOR_CASE == 6  // processing what is only authentic
Status skip(processor::Processor& p, const suit::AuthenticManifest& m) {
  return p.start(m, processor::Procedure::kUpdate);
}
#elif TAILOR_CASE == 7  // checking what is not authentic
Status skip(processor::Processor& p, const suit::Envelope& e) {
  return p.check(e).ok() ? Status(kOk) : Error::kInternal;
}
#elif TAILOR_CASE == 8  // swallowing a failure
void swallow(suit::EnvelopeReader& reader) {
  reader.finish();
}
#endif
