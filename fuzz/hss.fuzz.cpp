// SPDX-License-Identifier: Apache-2.0
// Any bytes as public key and signature, one after the other: every reading lies inside, and what verifies is as long
// as its type codes say.
#include "core/hss/verify.hpp"

using namespace tailor;

namespace {

class CheckedSource final : public hss::SignatureSource {
 public:
  explicit CheckedSource(ByteView bytes) : bytes_(bytes) {}
  size_t size() const noexcept override { return bytes_.size(); }
  Status read(size_t offset, MutableBytes out) noexcept override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) __builtin_trap();
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return kOk;
  }

 private:
  ByteView bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A key of 60 bytes, or of 52 with 24-byte hashes.
  const size_t wanted = size >= 8 && hss::read_u32(data + 4) >= hss::kFirstShortType ? 52 : hss::kMaxPublicKeyBytes;
  const size_t key_bytes = size < wanted ? size : wanted;
  CheckedSource signature({data + key_bytes, size - key_bytes});
  const ByteView message[] = {as_bytes("tailor")};
  if (!hss::verify({data, key_bytes}, message, signature).ok()) return 0;
  if (size - key_bytes < 784) __builtin_trap();  // one level of H5, W8, 24-byte hashes
  return 0;
}
