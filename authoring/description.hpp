// SPDX-License-Identifier: Apache-2.0
// What an author says of an update, in an author's terms: images and where they go, for whom, under which conditions.
// compose() turns it into a manifest; description_file.hpp reads it from TOML or JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "authoring/model/manifest_model.hpp"

namespace tailor::authoring {

/// The image for one slot of a component with several (A/B, manifest 7.9): the device takes the one of the slot that
/// it is going to write.
struct SlotDescription {
  uint64_t slot = 0;
  ImageDigest digest = {};
  uint64_t size_bytes = 0;
  std::string uri = {};
  std::optional<Bytes> payload = {};
};

/// Another component that an image passes through, with the digest and size it has there; what is not set is not
/// checked there.
struct PlaceDescription {
  ComponentParts id;
  std::optional<ImageDigest> digest = {};
  std::optional<uint64_t> size_bytes = {};
};

/// One component of the update and the image that becomes its content.
struct ComponentDescription {
  ComponentParts id;
  ImageDigest digest = {};
  uint64_t size_bytes = 0;
  /// URI reference from which devices fetch the image; empty: "/img/<digest>", relative to the update server that
  /// delivered the manifest. With `payload` it has to be empty or "#name".
  std::string uri;
  /// The image itself when it travels in the envelope.
  std::optional<Bytes> payload;
  /// A/B: instead of digest, size_bytes, uri and payload.
  std::vector<SlotDescription> slots = {};
  /// Fetched to this place in payload-fetch, copied from there in install. Holds the ciphertext of an encrypted image.
  std::optional<PlaceDescription> staging = {};
  /// Copied to this place in load, before it is started.
  std::optional<PlaceDescription> load = {};
  /// SUIT_Encryption_Info, a tagged COSE_Encrypt; the image is decrypted while it is copied or written.
  Bytes encryption_info = {};
  /// Written by the manifest itself (directive-write); with encryption_info the ciphertext. No URI then.
  std::optional<Bytes> content = {};
  /// What must be in the component before it is replaced (RFC 9124 3.5, precursor image).
  std::optional<ImageDigest> precursor = {};
  std::optional<uint64_t> precursor_bytes = {};
  Bytes invoke_arguments = {};
  /// Identifiers that are checked on this component; the first one has those of the manifest.
  std::optional<Uuid> vendor = {}, device_class = {};
  /// A dependent manifest may give another URI: set-parameters instead of override-parameters.
  bool overridable = false;
  /// It is there already: checked, never fetched or written.
  bool present = false;
  /// A dependency installs it; this manifest only sets its URI, content or encryption_info before.
  bool by_dependency = false;
};

/// A manifest that this one depends on (trust-domains).
struct DependencyDescription {
  ComponentParts id;        ///< where devices keep its envelope
  ImageDigest digest;       ///< of its manifest, as its authentication wrapper has it
  uint64_t size_bytes = 0;  ///< of its envelope
  std::string uri;
  std::optional<Bytes> payload;   ///< the envelope, when it travels inside this one
  std::vector<int64_t> sections;  ///< manifest_key of the sequences that it has
};

/// Texts for people; devices skip them. They are kept in the envelope beside the manifest (severable).
struct TextDescription {
  std::string language = "en";
  std::string description;                                      ///< of the manifest
  std::string update_description;                               ///< what is new
  std::string vendor_name, model_name, vendor_domain, version;  ///< of every component
};

struct VersionRule {
  int64_t comparison = suit::version_comparison::kGreaterEqual;
  std::vector<int64_t> value;
};

/// What must hold before anything is fetched or written (update-management).
struct ConditionsDescription {
  std::optional<Uuid> device = {};               ///< one device only
  std::optional<uint64_t> use_before = {};       ///< UTC, seconds since 1970
  std::optional<uint64_t> minimum_battery = {};  ///< mWh
  std::optional<int64_t> authorized = {};   ///< a person says yes; the value is the priority, smaller is more urgent
  std::optional<VersionRule> version = {};  ///< of the first component, as it is now
  CborPairs wait = {};                      ///< suit::wait_event -> argument: install waits for it
};

struct ManifestDescription {
  Uuid vendor;
  Uuid device_class;
  uint64_t sequence_number = 0;
  std::vector<ComponentDescription> components;
  /// Sections to make. All three is an update; without install it describes what is there already (secure boot).
  bool install = true, validate = true, invoke = false;
  std::optional<TextDescription> text;
  std::string reference_uri;  ///< where the full manifest can be had; usually empty
  std::vector<DependencyDescription> dependencies = {};
  ConditionsDescription conditions = {};
  size_t invoked = 0;                         ///< which component is started
  bool uninstall = false;                     ///< a section that unlinks the components
  ComponentParts manifest_component_id = {};  ///< where devices keep this manifest
  std::vector<int64_t> set_version = {};      ///< version of what is installed, for condition-version
  Texts texts = {};                           ///< besides `text`, word for word
  Bytes coswid = {};                          ///< a concise SWID tag (RFC 9393), encoded
  std::vector<int64_t> sever = {suit::manifest_key::kText, suit::manifest_key::kCoswid};
  crypto::HashAlgorithm digest_algorithm = crypto::HashAlgorithm::kSha256;
};

}  // namespace tailor::authoring
