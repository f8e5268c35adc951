// SPDX-License-Identifier: Apache-2.0
// tailor-boot as a real program with real ELF images in its slots: an update, every way for a trial to fail, kill -9 in
// the middle of a download, and everything that must not run.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "authoring/manifest.hpp"
#include "core/trust/factory_bundle.hpp"
#include "core/trust/trust_store.hpp"
#include "hosted/file.hpp"
#include "hosted/temporary_folder.hpp"
#include "ports/posix/flash_layout.hpp"

namespace tailor {
namespace {

using authoring::ComponentDescription;
using authoring::ManifestDescription;

Bytes contents(const std::filesystem::path& path) {
  auto bytes = read_file(path, 64U << 20U);
  EXPECT_TRUE(bytes.ok()) << path;
  return bytes.ok() ? std::move(bytes).value() : Bytes{};
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The small language: a factory, a server that offers images, a device that boots.
class BootProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    vendor_.bytes.fill(0x11);
    class_.bytes.fill(0x22);
    device_.bytes.fill(0x33);
    author_ = *crypto::generate_p256();
    authority_ = *crypto::generate_p256();
  }
  void TearDown() override { stop(); }

  std::filesystem::path image(const std::string& name) {
    return std::filesystem::path(TEST_IMAGE_FOLDER) / ("tailor_test_image_" + name);
  }

  /// Makes the envelope of an image.
  std::filesystem::path manifest(const std::string& name, uint64_t sequence, const crypto::P256PrivateKey& signer,
                                 const Uuid& device_class) {
    ManifestDescription description;
    description.vendor = vendor_;
    description.device_class = device_class;
    description.sequence_number = sequence;
    auto component = authoring::describe_image({Bytes{'a', 'p', 'p'}}, contents(image(name)), "", false);
    EXPECT_TRUE(component.ok());
    description.components = {*component};
    description.invoke = true;
    const auto envelope = authoring::create_envelope(description);
    EXPECT_TRUE(envelope.ok());
    const auto signed_envelope = authoring::sign_envelope(*envelope, signer, authoring::KeyId::kOmit);
    EXPECT_TRUE(signed_envelope.ok());
    return write("manifest" + std::to_string(++manifests_) + ".suit", *signed_envelope);
  }
  std::filesystem::path manifest(const std::string& name, uint64_t sequence) {
    return manifest(name, sequence, author_, class_);
  }

  std::filesystem::path bundle() {
    trust::TrustStore store;
    store.version = 1;
    trust::Signer signer;
    signer.key = *crypto::public_key_of(author_);
    static constexpr auto kEverything = "80"_hex;
    EXPECT_TRUE(signer.rights.push_back({kEverything, {}, {}}, Error::kInternal).ok());
    EXPECT_TRUE(store.signers.push_back(signer, Error::kInternal).ok());
    std::array<uint8_t, 2048> document, sealed, bytes;
    const auto unsigned_store = trust::encode(store, document);
    EXPECT_TRUE(unsigned_store.ok());
    const auto trust_store = trust::seal_trust_store(*unsigned_store, authority_, sealed);
    EXPECT_TRUE(trust_store.ok());
    const std::array<uint8_t, 32> secret{1, 2, 3};
    trust::FactoryBundle made;
    made.device = device_;
    made.vendor = vendor_;
    made.device_class = class_;
    made.tenant = "default";
    made.factory_secret = secret;
    made.anchor = *crypto::public_key_of(authority_);
    made.trust_store = *trust_store;
    made.ca_uri = "coaps://127.0.0.1:5684";
    const auto encoded = trust::encode(made, bytes);
    EXPECT_TRUE(encoded.ok());
    return write("bundle", Bytes(encoded->begin(), encoded->end()));
  }

  int provision(const std::string& name, uint64_t sequence) { return provision(name, manifest(name, sequence)); }
  int provision(const std::string& name, const std::filesystem::path& envelope) {
    start({"provision", "--flash", flash(), "--image", image(name), "--envelope", envelope, "--bundle", bundle()});
    return wait();
  }

  /// Runs the device until it ends by itself. @returns its exit code; -9 when it was killed
  int runs(std::vector<std::string> image_arguments = {}, std::vector<std::string> options = {}) {
    run_in_background(std::move(image_arguments), std::move(options));
    return wait();
  }
  void run_in_background(std::vector<std::string> image_arguments, std::vector<std::string> options = {}) {
    std::vector<std::string> command = {"run", "--flash", flash(), "--restart-delay-ms", "10", "--boots", "8"};
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"--", "--log", folder_.path() / "log"});
    command.insert(command.end(), image_arguments.begin(), image_arguments.end());
    start(command);
  }
  std::vector<std::string> offer(const std::string& name, uint64_t sequence) {
    return {"--offer", image(name), manifest(name, sequence)};
  }

  std::string log() { return text_of(folder_.path() / "log"); }
  std::string errors() { return text_of(folder_.path() / "stderr"); }
  std::string flash() { return folder_.path() / "flash"; }
  bool logs(const std::string& text) { return holds("log", text); }
  bool says(const std::string& text) { return holds("stderr", text); }
  /// Waits until a line with this text stands in the file, with its end.
  bool holds(const std::string& file, const std::string& text) {
    for (int tries = 0; tries < 3000; ++tries) {
      const std::string content = text_of(folder_.path() / file);
      const size_t found = content.find(text);
      if (found != std::string::npos && content.find('\n', found) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  std::filesystem::path write(const std::string& name, const Bytes& bytes) {
    const std::filesystem::path path = folder_.path() / name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  void start(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {TEST_BOOT_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& argument : command) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::string errors_path = folder_.path() / "stderr";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(::open(errors_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(126);
    }
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    static_cast<void>(wait());
  }
  /// A byte of the flash file changes, as if the flash had lost it.
  void damage(uint32_t offset) {
    std::fstream file(flash(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(offset);
    const char byte = static_cast<char>(file.get() ^ 0x04);
    file.seekp(offset);
    file.put(byte);
  }

  TemporaryFolder folder_;
  Uuid vendor_, class_, device_;
  crypto::P256PrivateKey author_, authority_;
  int manifests_ = 0;
  pid_t pid_ = -1;
};

TEST_F(BootProgram, RunsTheImageInTheSlotByteForByte) {
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  run_in_background({"--stay"});
  ASSERT_TRUE(logs("v1 stays")) << errors();
  EXPECT_NE(log().find("v1 runs slot=A trial=0"), std::string::npos) << log();
  // The boot program says so once the image was started; on a busy machine the image may say it first.
  ASSERT_TRUE(says("pid=")) << errors();
  const std::string text = errors();
  const std::string pid = text.substr(text.find("pid=") + 4);
  const Bytes running = contents("/proc/" + std::to_string(std::stoi(pid)) + "/exe");
  EXPECT_EQ(running, contents(image("v1")));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait(), 0);
  EXPECT_NE(errors().find("boot.stop"), std::string::npos);
}

TEST_F(BootProgram, UpdatesThroughATrialThatConfirmsItself) {
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  ASSERT_EQ(runs(offer("v2", 2)), 0) << errors();
  EXPECT_EQ(log(), "v1 runs slot=A trial=0\nv2 runs slot=B trial=1\nv2 confirmed\n") << errors();
  ASSERT_EQ(runs(), 0);
  EXPECT_NE(log().find("v2 runs slot=B trial=0"), std::string::npos) << log();
  // And on: back into slot A with a third one.
  ASSERT_EQ(runs(offer("v3", 3)), 0) << errors();
  EXPECT_NE(log().find("v3 runs slot=A trial=1\nv3 confirmed"), std::string::npos) << log();
}

TEST_F(BootProgram, GoesBackFromEveryTrialThatFails) {
  const struct {
    const char* name;
    const char* reason;
    std::vector<std::string> options;
  } rows[] = {
      {"crash", "TrialCrashed", {}},
      {"exit", "TrialCrashed", {}},
      {"hang", "TrialNotConfirmed", {"--trial-ms", "300"}},
      {"kick_then_hang", "TrialNotConfirmed", {"--watchdog-ms", "300"}},
      {"give_up", "NotEnrolled", {}},
  };
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  for (const auto& row : rows) {
    std::filesystem::remove(folder_.path() / "log");
    ASSERT_EQ(runs(offer(row.name, 5), row.options), 0) << row.name << errors();
    EXPECT_EQ(log(), "v1 runs slot=A trial=0\n" + std::string(row.name) +
                         " runs slot=B trial=1\nv1 runs slot=A trial=0\nv1 reverted " + row.reason + "\n")
        << row.name << errors();
  }
  // A good update still goes through, with a number that the bad ones had.
  ASSERT_EQ(runs(offer("v2", 5)), 0) << errors();
  EXPECT_NE(log().find("v2 confirmed"), std::string::npos) << log();
}

TEST_F(BootProgram, AnImageThatConfirmedBeforeItCrashedStays) {
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  EXPECT_EQ(runs(offer("confirm_then_crash", 2), {"--boots", "2"}), 128 + SIGSEGV) << errors();
  EXPECT_EQ(runs(), 0);
  EXPECT_EQ(log(),
            "v1 runs slot=A trial=0\nconfirm_then_crash runs slot=B trial=1\nconfirm_then_crash runs slot=B trial=0\n")
      << errors();
}

TEST_F(BootProgram, ResumesADownloadAtTheBlockAfterKillNine) {
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  const std::vector<std::string> offered = offer("v2", 2);
  for (const uint32_t at : {0U, 1024U, 5 * 1024U, 12 * 1024U + 1024U}) {
    std::vector<std::string> dying = offered;
    dying.insert(dying.end(), {"--die-at", std::to_string(at)});
    ASSERT_EQ(runs(dying), -SIGKILL) << at;
  }
  ASSERT_EQ(runs(offered), 0) << errors();
  EXPECT_EQ(log().find("v1 resumes 0\n"), std::string::npos) << "without a mark the envelope itself is in doubt";
  EXPECT_NE(log().find("v1 resumes 1024\n"), std::string::npos) << log();
  EXPECT_NE(log().find("v1 resumes 5120\n"), std::string::npos) << log();
  EXPECT_NE(log().find("v1 resumes 13312\n"), std::string::npos) << log();
  EXPECT_NE(log().find("v2 confirmed"), std::string::npos) << log();
}

TEST_F(BootProgram, RefusesToRunWhatDoesNotVerify) {
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  const Bytes good = contents(flash());
  const struct {
    const char* name;
    uint32_t offset;
  } rows[] = {
      {"image, first byte", posix::kSlotsAt},
      {"image, last byte", posix::kSlotsAt + static_cast<uint32_t>(contents(image("v1")).size()) - 1},
      {"manifest", posix::kManifestsAt + 28 + 60},
  };
  for (const auto& row : rows) {
    write("flash", good);
    damage(row.offset);
    EXPECT_EQ(runs(), 1) << row.name;
    EXPECT_NE(errors().find("boot.refused error=NoValidImage"), std::string::npos) << row.name;
  }
  EXPECT_EQ(log(), "") << "an image ran";
}

TEST_F(BootProgram, RefusesUpdatesThatOnlyTheBootProgramCanSeeThrough) {
  // The test image, unlike the agent, installs without looking: what stands between it and a forged image is the boot
  // program alone.
  ASSERT_EQ(provision("v1", 7), 0) << errors();
  const crypto::P256PrivateKey stranger = *crypto::generate_p256();
  Uuid other_class = class_;
  other_class.bytes[0] ^= 1;
  const struct {
    std::filesystem::path envelope;
    const char* image;
    const char* reason;
  } rows[] = {
      {manifest("v2", 8, stranger, class_), "v2", "SignatureInvalid"},
      {manifest("v2", 8, author_, other_class), "v2", "ClassMismatch"},
      {manifest("v2", 8), "v3", "ImageDigestMismatch"},
  };
  for (const auto& row : rows) {
    std::filesystem::remove(folder_.path() / "log");
    ASSERT_EQ(runs({"--offer", image(row.image), row.envelope}), 0) << errors();
    EXPECT_EQ(log(), "v1 runs slot=A trial=0\nv1 runs slot=A trial=0\nv1 reverted " + std::string(row.reason) + "\n");
  }
  std::filesystem::remove(folder_.path() / "log");
  ASSERT_EQ(runs(offer("v2", 6)), 0);
  EXPECT_EQ(log(), "v1 runs slot=A trial=0\nv1 refused SequenceNumberTooLow\n");
}

TEST_F(BootProgram, ProvisionsOnlyWhatWouldBootAndOnlyOnce) {
  EXPECT_EQ(provision("v1", manifest("v2", 1)), 1);
  EXPECT_NE(errors().find("ImageDigestMismatch"), std::string::npos) << errors();
  EXPECT_EQ(runs(), 1);
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  EXPECT_EQ(provision("v1", 1), 1);
  EXPECT_NE(errors().find("StateConflict"), std::string::npos) << errors();
  EXPECT_EQ(runs(), 0);
}

TEST_F(BootProgram, TwoBootProgramsDoNotShareAFlash) {
  ASSERT_EQ(provision("v1", 1), 0) << errors();
  run_in_background({"--stay"});
  ASSERT_TRUE(logs("v1 stays"));
  const pid_t first = pid_;
  EXPECT_EQ(runs(), 1);
  EXPECT_NE(errors().find("boot.flash error=StateConflict"), std::string::npos) << errors();
  pid_ = first;
}

TEST_F(BootProgram, RefusesWrongUsage) {
  const std::vector<std::vector<std::string>> rows = {{},
                                                      {"run"},
                                                      {"fly", "--flash", "x"},
                                                      {"run", "--flash", "x", "--boots", "-1"},
                                                      {"run", "--flash", "x", "--trial-attempts", "0"},
                                                      {"run", "--flash", "x", "--wings"},
                                                      {"status", "--flash", "x", "y"}};
  for (const auto& row : rows) {
    start(row);
    EXPECT_EQ(wait(), 2);
  }
}

}  // namespace
}  // namespace tailor
