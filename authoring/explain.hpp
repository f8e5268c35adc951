// SPDX-License-Identifier: Apache-2.0
// An envelope in plain language: what it will do, to which devices, in which order, what it needs, and who signed.
#pragma once

#include <string>
#include <vector>

#include "authoring/walk/walker.hpp"

namespace tailor::authoring {

/// A paragraph: its heading, and one sentence a line. A line inside a branch is indented.
struct Paragraph {
  std::string heading;
  std::vector<std::string> lines;
};

/// Explains what was walked, as far as it goes where something was found; texts of the manifest are given as they are.
[[nodiscard]] std::vector<Paragraph> explain(const Walked& walked);

/// One command in words, with the parameters that stand there: "fetches /img/x (300 bytes) into app".
struct Step;
[[nodiscard]] std::string command_in_words(const Walked& walked, const Step& step);

}  // namespace tailor::authoring
