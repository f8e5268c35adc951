// SPDX-License-Identifier: Apache-2.0
// A component that keeps a payload as it came, until the manifest copies it on: the ciphertext of an image, say.
// Reception goes on where power failed; which payload it was stands in a record. Knows no transport and no keys.
#pragma once

#include "core/processor/component.hpp"
#include "device/agent/options.hpp"
#include "device/agent/records.hpp"
#include "device/boot/slot_writer.hpp"

namespace tailor::agent {

#if TAILOR_AGENT_STAGING

class StagingComponent final : public processor::Component {
 public:
  /// @param regions  content, marks of the reception and scratch sector, of its own; without content there is no such
  ///                 component
  StagingComponent(storage::RecordStore& store, const boot::SlotWriter::Regions& regions) noexcept
      : store_(store), regions_(regions) {}

  [[nodiscard]] bool exists() const noexcept { return regions_.slot.size() != 0; }
  /// Says which manifest is being processed, and the transfer's block size. What was kept for another manifest counts
  /// for nothing.
  void expect(const crypto::Sha256Digest& manifest, uint32_t block_bytes) noexcept;

  /// Goes on with an interrupted reception of the same payload for the same manifest; otherwise starts one.
  [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
  [[nodiscard]] Status finish(uint32_t size) noexcept override;
  [[nodiscard]] Result<uint32_t> size() noexcept override;
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  /// Forgets the content.
  [[nodiscard]] Status remove() noexcept override;

  /// Between open() and finish(): bytes received, and expected when the manifest says so (else 0).
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] uint32_t received_bytes() const noexcept { return received_; }
  [[nodiscard]] uint32_t expected_bytes() const noexcept { return kept_.expected; }
  /// Open, and all of it was there already: nothing is to be fetched.
  [[nodiscard]] bool is_whole() const noexcept { return open_ && kept_.complete; }

 private:
  /// What the record says.
  struct Kept {
    crypto::Sha256Digest payload{};  ///< names manifest and payload
    uint64_t session = 0;
    uint32_t mark_bytes = 0;
    uint32_t expected = 0;  ///< 0: not known
    uint32_t size = 0;
    bool complete = false;
  };
  [[nodiscard]] Result<crypto::Sha256Digest> name_of(const processor::Expectation& expected) const noexcept;
  [[nodiscard]] boot::SlotWriter::Session session() const noexcept {
    return {kept_.session, kept_.mark_bytes, kept_.expected};
  }
  [[nodiscard]] Status load() noexcept;
  [[nodiscard]] Status save() noexcept;

  storage::RecordStore& store_;
  const boot::SlotWriter::Regions regions_;
  boot::SlotWriter writer_;
  crypto::Sha256Digest manifest_{};
  Kept kept_;
  uint32_t block_bytes_ = limits::kBlockBytes;
  uint32_t received_ = 0;
  bool open_ = false;
  bool for_this_ = false;  ///< what is kept was opened or found for the manifest at hand
  bool again_ = false;     ///< opened before since expect(): a manifest that fetches twice wants it anew
};

#else

/// Left out: there is no such component.
class StagingComponent final {
 public:
  StagingComponent(storage::RecordStore& /*store*/, const boot::SlotWriter::Regions& /*regions*/) noexcept {}
  void expect(const crypto::Sha256Digest& /*manifest*/, uint32_t /*block_bytes*/) noexcept {}
  [[nodiscard]] static constexpr bool exists() noexcept { return false; }
  [[nodiscard]] static constexpr bool is_open() noexcept { return false; }
  [[nodiscard]] static constexpr bool is_whole() noexcept { return false; }
  [[nodiscard]] static constexpr uint32_t received_bytes() noexcept { return 0; }
  [[nodiscard]] static constexpr uint32_t expected_bytes() noexcept { return 0; }
};

#endif

}  // namespace tailor::agent
