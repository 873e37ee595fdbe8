// The program as a user sees it: exit codes, lines, signals. It runs the binary
// that CONVOY_SERVER_BINARY names.
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A running convoy-server with its output. Killed with the object.
class Process {
 public:
  explicit Process(std::vector<std::string> flags) {
    flags.insert(flags.begin(), CONVOY_SERVER_BINARY);
    std::vector<char*> arguments;
    for (std::string& flag : flags) arguments.push_back(flag.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(pipe(pipes_[i]), 0);
      posix_spawn_file_actions_adddup2(&actions, pipes_[i][1], i + 1);
      posix_spawn_file_actions_addclose(&actions, pipes_[i][0]);
    }
    char* environment[] = {nullptr};
    EXPECT_EQ(
        posix_spawn(&pid_, CONVOY_SERVER_BINARY, &actions, nullptr, arguments.data(), environment),
        0);
    posix_spawn_file_actions_destroy(&actions);
    for (auto& pipe : pipes_) close(pipe[1]);
  }

  ~Process() {
    if (pid_ > 0) {
      Kill(SIGKILL);
      Wait();
    }
    for (auto& pipe : pipes_) close(pipe[0]);
  }

  void Kill(int signal) const { kill(pid_, signal); }

  // The exit code, or minus the signal that ended it.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  // Everything until the end of the process.
  std::string Output() { return Read(0, ""); }
  std::string Errors() { return Read(1, ""); }
  // Standard error until `text` has come and its line is complete.
  std::string ErrorsUntil(const std::string& text) { return Read(1, text); }

 private:
  std::string Read(int stream, const std::string& text) {
    std::string read;
    char c = 0;
    pollfd readable = {pipes_[stream][0], POLLIN, 0};
    while (poll(&readable, 1, 20'000) == 1 && ::read(readable.fd, &c, 1) == 1) {
      read.push_back(c);
      if (c == '\n' && !text.empty() && read.find(text) != std::string::npos) break;
    }
    return read;
  }

  pid_t pid_ = 0;
  int pipes_[2][2];
};

class MainTest : public repository::RepositoryTest {
 protected:
  std::vector<std::string> Flags(const std::vector<std::string>& more) const {
    std::vector<std::string> flags = {"--repository", root_.string(),   "--grpc-address",
                                      "127.0.0.1:0",  "--http-address", "127.0.0.1:0"};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  }
};

TEST_F(MainTest, SaysInOneLineThatItIsReadyAndWhere) {
  WriteVersion("conv", "1");
  Write("bad/1/config.json", "{}");
  Process server(Flags({}));
  const std::string errors = server.ErrorsUntil("convoy ready");
  EXPECT_THAT(errors, AllOf(HasSubstr("cannot load layer=\"bad\""), HasSubstr("layers=1 broken=1"),
                            HasSubstr("grpc=127.0.0.1:"), HasSubstr("http=127.0.0.1:")));
  EXPECT_THAT(errors, Not(HasSubstr("127.0.0.1:0 ")));
}

TEST_F(MainTest, DrainsAndExitsWith0OnSigterm) {
  Process server(Flags({"--drain-seconds=0"}));
  server.ErrorsUntil("convoy ready");
  server.Kill(SIGTERM);
  EXPECT_EQ(server.Wait(), 0);
  EXPECT_THAT(server.Errors(),
              AllOf(HasSubstr("SIGTERM"), HasSubstr("draining"), HasSubstr("stopped")));
}

TEST_F(MainTest, DrainsAndExitsWith0OnSigint) {
  Process server(Flags({"--drain-seconds=0"}));
  server.ErrorsUntil("convoy ready");
  server.Kill(SIGINT);
  EXPECT_EQ(server.Wait(), 0);
}

TEST_F(MainTest, ASecondSignalEndsItAtOnce) {
  Process server(Flags({"--drain-seconds=3600"}));
  server.ErrorsUntil("convoy ready");
  server.Kill(SIGTERM);
  server.ErrorsUntil("draining");
  server.Kill(SIGINT);
  EXPECT_EQ(server.Wait(), 128 + SIGINT);
}

TEST_F(MainTest, LogsJsonWhenAsked) {
  Process server(Flags({"--log-format=json"}));
  const std::string errors = server.ErrorsUntil("convoy ready");
  EXPECT_THAT(errors, HasSubstr("\"level\":\"info\",\"message\":\"convoy ready grpc="));
}

TEST_F(MainTest, ExitsWith1AndOneLineWhenItCannotStart) {
  Process server({"--repository", (root_ / "none").string()});
  EXPECT_EQ(server.Wait(), 1);
  const std::string errors = server.Errors();
  EXPECT_THAT(errors, AllOf(StartsWith("convoy-server: repository "), HasSubstr("no such folder")));
  EXPECT_EQ(errors.find('\n'), errors.size() - 1);
}

TEST_F(MainTest, ExitsWith1AndOneLineWhenAPortIsTaken) {
  Process first(Flags({}));
  const std::string ready = first.ErrorsUntil("convoy ready");
  const size_t begin = ready.find("grpc=") + 5;
  const std::string address = ready.substr(begin, ready.find(' ', begin) - begin);
  Process second({"--repository", root_.string(), "--log-level=error", "--grpc-address", address,
                  "--http-address=127.0.0.1:0"});
  EXPECT_EQ(second.Wait(), 1);
  const std::string errors = second.Errors();
  EXPECT_THAT(errors, AllOf(StartsWith("convoy-server: "), HasSubstr(address)));
  EXPECT_EQ(errors.find('\n'), errors.size() - 1);
}

TEST_F(MainTest, ExitsWith2AndOneLineForABadFlag) {
  Process server(Flags({"--wrokers=2"}));
  EXPECT_EQ(server.Wait(), 2);
  const std::string errors = server.Errors();
  EXPECT_THAT(errors, AllOf(StartsWith("convoy-server: "), HasSubstr("--wrokers")));
  EXPECT_EQ(errors.find('\n'), errors.size() - 1);
}

TEST_F(MainTest, PrintsHelpAndVersionToStandardOutput) {
  Process help({"--help"});
  EXPECT_EQ(help.Wait(), 0);
  EXPECT_THAT(help.Output(), HasSubstr("--repository"));
  EXPECT_THAT(help.Errors(), IsEmpty());
  Process version({"--version"});
  EXPECT_EQ(version.Wait(), 0);
  EXPECT_THAT(version.Output(), AllOf(StartsWith("convoy-server "), HasSubstr("oneDNN 3."),
                                      HasSubstr("gRPC 1."), HasSubstr("\ninstruction set ")));
}

}  // namespace
}  // namespace convoy
