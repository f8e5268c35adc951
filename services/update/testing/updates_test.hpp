// SPDX-License-Identifier: Apache-2.0
// An update server without network: database of the test's kind, folders, a clock that stands still, and a small
// language for what devices and operators do.
#pragma once

#include "hosted/uuid_make.hpp"
#include "services/store/testing/store_test.hpp"
#include "services/update/application/updates.hpp"
#include "services/update/testing/sample.hpp"

namespace tailor::update_server::testing {

using store::testing::code_of;
using store::testing::need;
using store::testing::succeeded;

inline const std::string kTenant = "default";
inline const Actor kOperator{kTenant, "operator:test"};

/// Everything below the network, over a database that the caller opened and migrated.
struct Backend {
  Backend(store::Database& database, const std::filesystem::path& folder, const UtcClock& clock,
          UpdatesConfig config = {});

  std::unique_ptr<BlobFolder> images;
  std::unique_ptr<BlobFolder> envelopes;
  SignerAnchors signers{{public_key(1)}};
  Updates updates;

  // --- a small language
  // ------------------------------------------------------------------------------------------------
  Outcome<void> registers(const Device& device);
  Outcome<void> reports(const Device& device, uint64_t number, const Digest& manifest, UpdateState state,
                        std::optional<Error> reason = std::nullopt);
  Outcome<Uploaded<Image>> uploads_image(ByteView image, const std::optional<Digest>& expected = std::nullopt);
  Outcome<Uploaded<Manifest>> uploads(const EnvelopeSpec& spec);
  /// Uploads the image and the manifest, and deploys it.
  Outcome<Uploaded<DeploymentView>> deploys(const EnvelopeSpec& spec, NewDeployment wanted);
  /// The state of the device in the deployment.
  UpdateState state_in(const Uuid& deployment, const Device& device);
};

/// Encodes a profile as the device would.
[[nodiscard]] Bytes registration_message(const Device& device);
[[nodiscard]] Bytes report_message(const Device& device, uint64_t number, const Digest& manifest, UpdateState state,
                                   std::optional<Error> reason);

class UpdatesTest : public store::testing::StoreTest {
 protected:
  void SetUp() override;

  FakeUtcClock clock_{from_unix_ms(kNow)};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Backend> backend_;
};

}  // namespace tailor::update_server::testing
