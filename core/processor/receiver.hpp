// SPDX-License-Identifier: Apache-2.0
// Takes an update as it arrives: feeds the envelope to the reader, starts the processor once the manifest is believed,
// and leads integrated payloads from the stream into the components that fetch them. Payloads from elsewhere come from
// the caller's PayloadSource.
#pragma once

#include <optional>

#include "core/processor/processor.hpp"
#include "core/suit/envelope_reader.hpp"

namespace tailor::processor {

/// One update. The first error is final.
///
/// An integrated payload has a URI that begins with '#', and streams past once: fetches of integrated payloads have to
/// come in the order of the envelope (shorter URIs first, then by their bytes); one that the processor passes is gone.
class UpdateReceiver final : private suit::MemberSink, private PayloadSource {
 public:
  /// @param buffer  for suit::EnvelopeReader; limits::kManifestBytes is the custom
  /// @param seams   payloads: where URIs lead that do not begin with '#'
  UpdateReceiver(MutableBytes buffer, const suit::TrustAnchors& anchors, const Seams& seams,
                 const suit::Leniency& leniency = suit::kStrict,
                 const CommandTable& commands = kUpdateCommands) noexcept
      : platform_(seams.platform),
        remote_(seams.payloads),
        reader_(buffer, anchors, leniency),
        processor_(with(seams, *this, leniency), commands) {}
  UpdateReceiver(const UpdateReceiver&) = delete;
  UpdateReceiver& operator=(const UpdateReceiver&) = delete;

  /// Goes on as far as it can with what there is.
  ///
  /// @param input  the next bytes of the envelope, or none; is advanced past what was consumed
  /// @returns kNeedInput: the envelope goes on; - kWait: a payload from elsewhere is on its way (awaited_uri());
  ///          unconsumed input has to be offered again; - kDone: the envelope is complete and the update staged
  ///          - kTrailingBytes: something follows the envelope; - kPayloadUnavailable: an integrated payload that is
  ///          not there; - what reader and processor give
  [[nodiscard]] Result<Progress> feed(ByteView& input) noexcept;

  /// kTruncated unless the envelope is complete.
  [[nodiscard]] Status finish() const noexcept { return reader_.finish(); }

  /// The manifest, once it is authentic; null before.
  [[nodiscard]] const suit::AuthenticManifest* manifest() noexcept { return reader_.manifest(); }
  [[nodiscard]] const Processor& processor() const noexcept { return processor_; }
  [[nodiscard]] std::string_view awaited_uri() const noexcept { return processor_.awaited_uri(); }
  /// The update, after kDone.
  [[nodiscard]] Result<StagedUpdate> staged() const noexcept { return processor_.staged(); }

 private:
  Status begin(std::string_view uri, uint64_t size) noexcept override;
  Result<size_t> write(ByteView bytes) noexcept override;
  Status end() noexcept override;
  Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;

  /// The caller's seams with the envelope's own payloads before the caller's.
  static Seams with(const Seams& seams, PayloadSource& payloads, const suit::Leniency& leniency) noexcept {
    return {seams.platform, payloads, seams.authorization, seams.recorder, seams.dependencies,
            seams.custom,   leniency, seams.keys};
  }
  Status use_arguments(std::string_view uri, ByteView arguments) noexcept override;
  Status start() noexcept;
  Result<Progress> go_on(ByteView& input) noexcept;

  Platform& platform_;
  PayloadSource& remote_;
  suit::EnvelopeReader reader_;
  Processor processor_;
  std::string_view member_uri_;  ///< of the integrated payload that streams past; empty between payloads
  uint64_t member_size_ = 0;
  uint64_t position_ = 0;  ///< in it
  ByteView offered_;       ///< bytes from position_ on
  bool started_ = false;
  bool complete_ = false;  ///< the envelope has ended
  Status failure_ = kOk;
};

}  // namespace tailor::processor
