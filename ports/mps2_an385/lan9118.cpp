// SPDX-License-Identifier: Apache-2.0
// See lan9118.hpp. Register names and bits are those of SMSC's data sheet, section 5.
#include "ports/mps2_an385/lan9118.hpp"

#include <cstring>

#include "ports/mps2_an385/registers.hpp"

namespace tailor::mps2 {
namespace {

constexpr uint32_t kBase = 0x40200000;
constexpr uint32_t kRxData = kBase + 0x00;
constexpr uint32_t kTxData = kBase + 0x20;
constexpr uint32_t kRxStatus = kBase + 0x40;
constexpr uint32_t kIdRev = kBase + 0x50;
constexpr uint32_t kTxCfg = kBase + 0x70;
constexpr uint32_t kHwCfg = kBase + 0x74;
constexpr uint32_t kRxDpCtrl = kBase + 0x78;
constexpr uint32_t kRxFifoInf = kBase + 0x7c;
constexpr uint32_t kTxFifoInf = kBase + 0x80;
constexpr uint32_t kMacCsrCmd = kBase + 0xa4;
constexpr uint32_t kMacCsrData = kBase + 0xa8;

constexpr uint32_t kChip = 0x0118;
constexpr uint32_t kSoftReset = 1;
constexpr uint32_t kMustBeOne = 1U << 20U;      // HW_CFG
constexpr uint32_t kTxFifo5K = 5U << 16U;       // HW_CFG
constexpr uint32_t kTxOn = 1U << 1U;            // TX_CFG
constexpr uint32_t kTxStatusOverrun = 1U << 2;  // TX_CFG: nobody reads the transmit status
constexpr uint32_t kFastForward = 1U << 31U;    // RX_DP_CTRL
constexpr uint32_t kRxError = 1U << 15U;        // RX_STATUS
constexpr uint32_t kMacBusy = 1U << 31U;
constexpr uint32_t kMacCr = 1;
constexpr uint32_t kMacAddressHigh = 2;
constexpr uint32_t kMacAddressLow = 3;
constexpr uint32_t kMulticast = 1U << 19U;
constexpr uint32_t kTransmitter = 1U << 3U;
constexpr uint32_t kReceiver = 1U << 2U;
constexpr uint32_t kFirstSegment = 1U << 13U;
constexpr uint32_t kLastSegment = 1U << 12U;
constexpr size_t kCheckSequenceBytes = 4;
constexpr int kPatience = 100'000;  // polls of a bit that changes within microseconds

bool wait_clear(uint32_t address, uint32_t bits) noexcept {
  for (int i = 0; i < kPatience; ++i) {
    if ((reg(address) & bits) == 0) return true;
  }
  return false;
}

}  // namespace

Status Lan9118::start(const MacAddress& address) noexcept {
  if (reg(kIdRev) >> 16U != kChip) return Error::kNetworkFailed;
  reg(kHwCfg) = kSoftReset;
  if (!wait_clear(kHwCfg, kSoftReset)) return Error::kNetworkFailed;
  reg(kHwCfg) = kMustBeOne | kTxFifo5K;
  uint32_t low = 0;
  std::memcpy(&low, address.data(), sizeof low);
  const bool written = write_mac(kMacAddressHigh, static_cast<uint32_t>(address[5]) << 8U | address[4]) &&
                       write_mac(kMacAddressLow, low) && write_mac(kMacCr, kMulticast | kTransmitter | kReceiver);
  reg(kTxCfg) = kTxOn | kTxStatusOverrun;
  if (!written) return Error::kNetworkFailed;
  return kOk;
}

bool Lan9118::write_mac(uint32_t index, uint32_t value) const noexcept {
  reg(kMacCsrData) = value;
  reg(kMacCsrCmd) = kMacBusy | index;
  return wait_clear(kMacCsrCmd, kMacBusy);
}

bool Lan9118::has_frame() const noexcept {
  return (reg(kRxFifoInf) >> 16U & 0xffU) != 0;
}

ByteView Lan9118::receive(MutableBytes out) noexcept {
  if (!has_frame()) return {};
  const uint32_t status = reg(kRxStatus);
  const size_t stored = status >> 16U & 0x3fffU;
  const size_t words = (stored + 3) / 4;
  if ((status & kRxError) != 0 || stored < kCheckSequenceBytes || words * 4 > out.size()) {
    if (words >= 4) {
      reg(kRxDpCtrl) = kFastForward;
      static_cast<void>(wait_clear(kRxDpCtrl, kFastForward));  // the frame after it would be damaged as well
    } else {
      for (size_t i = 0; i < words; ++i) [[maybe_unused]] const uint32_t dropped = reg(kRxData);
    }
    return {};
  }
  for (size_t i = 0; i < words; ++i) {
    const uint32_t word = reg(kRxData);
    std::memcpy(out.data() + 4 * i, &word, sizeof word);
  }
  return out.first(stored - kCheckSequenceBytes);
}

bool Lan9118::begin_frame(size_t length) noexcept {
  if ((reg(kTxFifoInf) & 0xffffU) < length + 16) return false;
  reg(kTxData) = kFirstSegment | kLastSegment | static_cast<uint32_t>(length);
  reg(kTxData) = static_cast<uint32_t>(length);
  left_ = length;
  filled_ = 0;
  word_ = 0;
  return true;
}

void Lan9118::push(uint8_t byte) noexcept {
  word_ |= static_cast<uint32_t>(byte) << (8 * filled_);
  --left_;
  if (++filled_ < 4 && left_ > 0) return;
  reg(kTxData) = word_;
  word_ = 0;
  filled_ = 0;
}

void Lan9118::append(ByteView bytes) noexcept {
  for (const uint8_t byte : bytes) {
    if (left_ > 0) push(byte);
  }
}

}  // namespace tailor::mps2
