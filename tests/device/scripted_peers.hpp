// SPDX-License-Identifier: Apache-2.0
// A CA and an update server that do as a test says, on real DTLS and CoAP: they keep what devices sent, and refuse when
// told to. The real servers are tested elsewhere; these let each answer be chosen.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/trust/psk.hpp"
#include "core/update/registration.hpp"
#include "core/update/report.hpp"
#include "hosted/encoding.hpp"
#include "pki/fixture.hpp"
#include "tests/device/dtls_node.hpp"

namespace tailor::sim {

/// A key and certificate in the forms that DTLS wants; stays where it is.
struct Credential {
  Bytes certificate;
  crypto::P256PrivateKey key;
  Credential(const pki::TestAuthority& authority, pki::Role role, const Uuid& id);
  Credential(Bytes der, const crypto::P256PrivateKey& private_key) : certificate(std::move(der)), key(private_key) {}
};

/// How devices prove themselves to the scripted CA.
enum class CaMode { kPsk, kCertificate };

class ScriptedCa final : public DtlsNode, private coap::ResourceHandler, private dtls::PskSource {
 public:
  ScriptedCa(testing::LossyLink& link, const pki::TestAuthority& authority, CaMode mode);

  Bytes factory_secret;
  size_t enrolments = 0, renewals = 0;
  size_t first_uses = 0;  ///< sessions with a certificate that asked for the CA's
  std::optional<uint32_t> last_generation;
  std::optional<Error> refuse_with;
  std::chrono::seconds validity = std::chrono::hours(24);
  std::vector<crypto::P256PublicKey> keys;  ///< asked for, in order

 private:
  void handle(const coap::Request& request, coap::Response& response) noexcept override;
  Result<ByteView> find(ByteView identity, MutableBytes out) noexcept override;

  const pki::TestAuthority& authority_;
  const CaMode mode_;
  Credential credential_;
  Uuid psk_device_;
  Bytes request_;
  Bytes answer_;
};

class ScriptedServer final : public DtlsNode {
 public:
  ScriptedServer(testing::LossyLink& link, const pki::TestAuthority& authority, const Uuid& id,
                 pki::Role role = pki::Role::kUpdateServer);

  /// What GET /update answers; empty: nothing. Observers are notified.
  void offers(Bytes envelope);
  /// Tells observers of GET /update that its answer has changed.
  void notify_update() { notify(2); }
  void has_image(const Bytes& image);
  /// Serves these bytes under another image's name.
  void has_image_as(const std::string& digest, const Bytes& image) { images_[digest] = image; }

  [[nodiscard]] const Bytes& certificate() const { return credential_.certificate; }
  [[nodiscard]] std::vector<std::string> states() const;
  [[nodiscard]] bool heard(const std::string& state) const;

  const Uuid id;
  size_t registrations = 0;  ///< POST and PUT
  size_t polls = 0;
  size_t blocks = 0;  ///< of images
  size_t gets = 0;
  std::optional<Bytes> registration;
  std::vector<Bytes> reports;
  std::optional<Error> refuse_registration;
  bool holds = false;       ///< offers come with the option Hold
  bool auto_settle = true;  ///< stop offering once an outcome was reported
  /// Called before each image block is answered.
  std::function<void(uint32_t offset)> before_block;

 private:
  struct Handler final : coap::ResourceHandler {
    using Function = void (ScriptedServer::*)(const coap::Request&, coap::Response&);
    Handler(ScriptedServer& owner, Function function) : owner_(owner), function_(function) {}
    void handle(const coap::Request& request, coap::Response& response) noexcept override {
      (owner_.*function_)(request, response);
    }
    ScriptedServer& owner_;
    Function function_;
  };
  void on_register(const coap::Request& request, coap::Response& response);
  void on_update(const coap::Request& request, coap::Response& response);
  void on_image(const coap::Request& request, coap::Response& response);
  void on_report(const coap::Request& request, coap::Response& response);

  Credential credential_;
  Handler register_, update_, image_, report_;
  Bytes offered_;
  std::map<std::string, Bytes> images_;
  Bytes body_;
};

/// A client of a device's own resources: pushes, triggers and asks, over an endpoint of one of the nodes above.
class Caller final : public coap::ClientHandler {
 public:
  /// Sends a request with a body; the answer is there when done() holds.
  void send(coap::Endpoint& endpoint, coap::Code method, std::string uri, uint16_t format, Bytes body, MonotonicMs now);
  [[nodiscard]] bool done() const { return failure.has_value() || code != coap::Code::kEmpty; }

  Result<size_t> read_body(uint32_t offset, MutableBytes out) noexcept override;
  Status on_response(const coap::ClientResponse& response) noexcept override;
  void on_failure(Error error) noexcept override { failure = error; }

  coap::Code code = coap::Code::kEmpty;
  Bytes answer;
  std::optional<Error> failure;

 private:
  std::string uri_;
  Bytes body_;
};

}  // namespace tailor::sim
