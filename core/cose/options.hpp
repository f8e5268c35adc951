// SPDX-License-Identifier: Apache-2.0
// What of COSE is built in. Everything is by default; -DTAILOR_COSE_...=0 leaves a part out, and what needs it is
// refused with kCoseUnsupported or kAlgorithmUnsupported. COSE_Sign1 is always in.
#pragma once

#ifndef TAILOR_COSE_SIGN
#define TAILOR_COSE_SIGN 1  // COSE_Sign: several signers in one block
#endif
#ifndef TAILOR_COSE_MAC
#define TAILOR_COSE_MAC 1  // COSE_Mac0 and COSE_Mac
#endif
#ifndef TAILOR_COSE_ENCRYPT
#define TAILOR_COSE_ENCRYPT 1  // COSE_Encrypt: encrypted payloads
#endif
#ifndef TAILOR_COSE_ESP256
#define TAILOR_COSE_ESP256 1
#endif
#ifndef TAILOR_COSE_ED25519
#define TAILOR_COSE_ED25519 1
#endif
#ifndef TAILOR_COSE_HSS_LMS
#define TAILOR_COSE_HSS_LMS 1
#endif

namespace tailor::cose::options {

inline constexpr bool kSign = TAILOR_COSE_SIGN != 0;
inline constexpr bool kMac = TAILOR_COSE_MAC != 0;
inline constexpr bool kEncrypt = TAILOR_COSE_ENCRYPT != 0;
inline constexpr bool kEsp256 = TAILOR_COSE_ESP256 != 0;
inline constexpr bool kEd25519 = TAILOR_COSE_ED25519 != 0;
inline constexpr bool kHssLms = TAILOR_COSE_HSS_LMS != 0;

}  // namespace tailor::cose::options
