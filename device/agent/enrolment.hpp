// SPDX-License-Identifier: Apache-2.0
// Gets certificates from the CA over EST-coaps (RFC 9148): the first time with the factory certificate or a pre-shared
// key, later with the certificates in force; and shows the CA one that a pre-shared key led to. Keys are in flash
// before the CA hears of them and each certificate is kept when it comes, so that a cut at any step ends in a retry of
// the same enrolment.
#pragma once

#include "device/agent/core.hpp"

namespace tailor::agent {

class Enrolment final : private coap::ClientHandler {
 public:
  enum class Kind : uint8_t {
    kFirst,
    kRenewal,
    kFirstUse,  ///< a session with the new certificate, which ends the pre-shared key's generation (docs/adr/0020)
  };
  enum class Result : uint8_t { kNone, kDone, kFailed };

  /// Bytes of a request, and of the certificate that answers it.
  static constexpr size_t kRoomBytes = std::max<size_t>(256, limits::kCertificateBytes);

  /// @param link  to the CA, for this object alone while an enrolment is under way
  /// @param room  the same: for the request, and then for the certificate
  Enrolment(const AgentCore& core, Link& link, std::span<uint8_t, kRoomBytes> room) noexcept
      : core_(core), link_(link), room_(room) {}

  /// Begins; a failed one is begun again by the owner.
  /// @param generation  of the enrolment; that in force for a renewal
  /// @returns what it takes to connect: kEntropyFailed, kPayloadUnavailable for a CA whose name is not known (yet)
  [[nodiscard]] Status start(Kind kind, uint32_t generation, MonotonicMs now) noexcept;
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool under_way() const noexcept { return under_way_; }

  void link_up(MonotonicMs now) noexcept;
  /// The link is closed; a result may be waiting.
  void link_down(Error error) noexcept;
  /// Takes the next step when the one before is done.
  void step(MonotonicMs now) noexcept;
  /// How it ended; given once.
  [[nodiscard]] Result take_result() noexcept;
  [[nodiscard]] Error error() const noexcept { return error_; }

 private:
  // coap::ClientHandler
  [[nodiscard]] tailor::Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override;
  [[nodiscard]] Status on_response(const coap::ClientResponse& response) noexcept override;
  void on_failure(Error error) noexcept override;

  [[nodiscard]] Status connect(MonotonicMs now) noexcept;
  [[nodiscard]] Status obtain(MonotonicMs now) noexcept;
  [[nodiscard]] Status ask(MonotonicMs now) noexcept;
  [[nodiscard]] Status show(MonotonicMs now) noexcept;
  [[nodiscard]] Status check(ByteView certificate) const noexcept;
  void end(Result result, Error error) noexcept;

  const AgentCore& core_;
  Link& link_;
  Kind kind_ = Kind::kFirst;
  uint32_t generation_ = 0;
  bool under_way_ = false;
  bool asking_ = false;
  bool answered_ = false;  ///< first use: the CA took the certificate
  bool complete_ = false;  ///< nothing is left to ask; the link is being closed
  size_t pair_ = 0;
  Result result_ = Result::kNone;
  Error error_ = Error::kInternal;
  std::array<char, trust::kPskIdentityBytes> psk_identity_{};
  trust::Psk psk_;
  const std::span<uint8_t, kRoomBytes> room_;
  size_t request_length_ = 0;  ///< 0 once the answer has begun
  size_t certificate_length_ = 0;
};

}  // namespace tailor::agent
