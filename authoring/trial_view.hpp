// SPDX-License-Identifier: Apache-2.0
// A dry run for people: where in the envelope each command of a trace stands, what it does in words, and what a refusal
// is about: path, byte, rule. Shows what trial/ found; judges nothing itself.
#pragma once

#include <map>
#include <memory>

#include "authoring/walk/flow.hpp"
#include "trial/trace.hpp"

namespace tailor::authoring {

/// A place in the envelope, or in the envelope of a dependency.
struct TrialPlace {
  std::string path;              ///< "manifest.install[2].directive-fetch"
  std::optional<size_t> offset;  ///< in the file, or in the dependency that the path begins with; absent: not known
  std::string clause;            ///< of the element there; may be empty
};

/// Why a trial ended as it did.
struct TrialCause {
  TrialPlace place;
  std::string rule;  ///< what holds there, with its clause, and what the device has instead
  /// "at byte 210, manifest.validate[0].condition-image-match: ..."
  [[nodiscard]] std::string to_text() const;
};

class TrialView {
 public:
  /// @param walked, recipient  outlive this; the recipient has run
  TrialView(const Walked& walked, const trial::Recipient& recipient);
  ~TrialView();

  [[nodiscard]] TrialPlace place_of(const trial::TraceStep& step);
  /// "fetches /img/x into app, 300000 bytes"
  [[nodiscard]] std::string words_of(const trial::TraceStep& step);
  /// "condition-image-match"
  [[nodiscard]] std::string name_of(const trial::TraceStep& step);
  /// Says why a trial was refused, or what it waits for.
  [[nodiscard]] TrialCause cause_of(const trial::Ending& ending, const std::vector<trial::TraceStep>& steps);

 private:
  struct Layer;
  Layer* layer_of(const std::string& manifest);
  const Node* node_of(const trial::TraceStep& step, Layer** layer = nullptr);
  TrialCause cause_of_step(const trial::TraceStep& step);
  TrialCause cause_before_steps(Error error);
  [[nodiscard]] std::string found_instead(const trial::TraceStep& step) const;

  const trial::Recipient& recipient_;
  std::map<std::string, std::unique_ptr<Layer>> layers_;  ///< by the component indices that lead there
  const Walked& root_;
};

}  // namespace tailor::authoring
