// SPDX-License-Identifier: Apache-2.0
// mps2-provision: what a factory does to a board before it leaves. Writes bundle, journal and first image into the file
// that the emulated board has as its flash.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "ports/mps2_an385/layout.hpp"
#include "ports/posix/supervisor.hpp"

namespace {

using namespace tailor;

std::vector<uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: mps2-provision FLASH BUNDLE IMAGE-OF-SLOT-A ENVELOPE\n", stderr);
    return 2;
  }
  posix::FlashFile flash;
  Status status = flash.create(argv[1], mps2::kFlashGeometry);
  if (status.ok()) {
    status = posix::provision(mps2::boot_layout(flash.port()), mps2::records_region(flash.port()), read_file(argv[3]),
                              read_file(argv[4]), read_file(argv[2]));
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "mps2-provision: %s: %s\n", std::string(name_of(status.error())).c_str(),
               std::string(describe(status.error()).meaning).c_str());
  return 1;
}
