// SPDX-License-Identifier: Apache-2.0
// The crypto contract: what the core asks of a backend. Functions are declared here and defined once by the backend
// that is linked (crypto_backends/psa or crypto_backends/openssl); the core knows neither. Nothing here allocates for
// the caller, and nothing logs. Keys are plain bytes in fixed formats so that flash, store and wire share them. What a
// backend was built without is refused with kAlgorithmUnsupported.
#pragma once

#include "core/crypto/content.hpp"
#include "core/crypto/curve25519.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/symmetric.hpp"
