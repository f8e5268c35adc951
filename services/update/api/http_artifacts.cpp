// SPDX-License-Identifier: Apache-2.0
// Routes of the operator API for images and manifests.
#include "services/update/api/http_api.hpp"
#include "services/update/api/json.hpp"
#include "services/update/api/paging.hpp"

namespace tailor::update_server {
namespace {

using http::PathValues;
using http::Request;
using http::Response;

/// A digest as the operator writes it: hex or, as in /img/<d>, base64url.
Outcome<Digest> digest_value(std::string_view text) {
  const Outcome<Digest> hex = digest_from_text(text);
  return hex.ok() ? hex : digest_from_base64url(text);
}

Response uploaded(std::string json, bool is_new, const std::string& location) {
  Response response = http::json_response(std::move(json), is_new ? 201 : 200);
  response.headers.add("Location", location);
  return response;
}

}  // namespace

void HttpApi::add_artifacts(http::Router& router) {
  add(
      router, "POST", "/v1/images",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        std::optional<Digest> expected;
        if (const auto text = request.query_value("digest")) {
          TAILOR_TRY_ASSIGN(const Digest digest, with_context(digest_value(*text), "digest"));
          expected = digest;
        }
        if (request.content_length == 0) return fail(Error::kUsageInvalid, "an image has at least one byte");
        TAILOR_TRY_ASSIGN(const Uploaded<Image> image, updates_.add_image(actor, request.body_file, expected));
        return uploaded(to_json(image.item), image.is_new, "/v1/images/" + digest_text(image.item.digest));
      },
      [this](const Request&) {
        return http::BodyPlan{config_.max_image_bytes, updates_.images().incoming(), std::nullopt};
      });
  add(router, "GET", "/v1/images",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        TAILOR_TRY_ASSIGN(const auto after, digest_cursor(cursor));
        TAILOR_TRY_ASSIGN(auto images, updates_.list_images(actor.tenant, after, limit + 1));
        return http::json_response(
            page_of<Image>(std::move(images), limit, [](const Image& image) { return digest_text(image.digest); }));
      });
  add(
      router, "POST", "/v1/manifests",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Uploaded<Manifest> manifest, updates_.add_manifest(actor, as_bytes(request.body)));
        return uploaded(to_json(manifest.item), manifest.is_new,
                        "/v1/manifests/" + digest_text(manifest.item.facts.digest));
      },
      [this](const Request&) {
        return http::BodyPlan{updates_.config().max_envelope_bytes, {}, std::nullopt};
      });
  add(router, "GET", "/v1/manifests",
      [this](const Actor& actor, const Request& request, const PathValues&) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const size_t limit, limit_of(request));
        TAILOR_TRY_ASSIGN(const std::string cursor, cursor_of(request));
        TAILOR_TRY_ASSIGN(const auto after, digest_cursor(cursor));
        TAILOR_TRY_ASSIGN(auto manifests, updates_.list_manifests(actor.tenant, after, limit + 1));
        return http::json_response(page_of<Manifest>(
            std::move(manifests), limit, [](const Manifest& manifest) { return digest_text(manifest.facts.digest); }));
      });
  add(router, "GET", "/v1/manifests/{digest}",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Digest digest, digest_value(values.find("digest")->second));
        TAILOR_TRY_ASSIGN(const Manifest manifest, updates_.find_manifest(actor.tenant, digest));
        return http::json_response(to_json(manifest));
      });
  add(router, "GET", "/v1/manifests/{digest}/envelope",
      [this](const Actor& actor, const Request&, const PathValues& values) -> Outcome<Response> {
        TAILOR_TRY_ASSIGN(const Digest digest, digest_value(values.find("digest")->second));
        TAILOR_TRY_ASSIGN(const auto envelope, updates_.envelope_of(actor.tenant, digest));
        return Response{200, "application/suit-envelope+cose", std::string(as_text(envelope->bytes())), {}};
      });
}

}  // namespace tailor::update_server
