#include "server/repository/write_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "gtest/gtest.h"
#include "tests/server/repository/repository_fixture.h"

namespace convoy::repository {
namespace {

using std::chrono::steady_clock;

class WriteLockTest : public RepositoryTest {
 protected:
  absl::StatusOr<WriteLock> TryToTake() { return WriteLock::Take(folder_, steady_clock::now()); }

  const WritableFolder folder_ = WritableFolder::Open(root_).value();
};

TEST_F(WriteLockTest, IsOneWritersAtATime) {
  {
    const absl::StatusOr<WriteLock> first = TryToTake();
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(absl::IsUnavailable(TryToTake().status()));
  }
  EXPECT_TRUE(TryToTake().ok());
}

TEST_F(WriteLockTest, WaitsForTheOtherWriter) {
  auto first = std::make_unique<WriteLock>(TryToTake().value());
  std::jthread second(
      [this] { EXPECT_TRUE(WriteLock::Take(folder_, steady_clock::time_point::max()).ok()); });
  std::this_thread::yield();
  first.reset();
}

TEST_F(WriteLockTest, AProcessThatIsKilledLetsGoOfIt) {
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  const pid_t child = fork();
  if (child == 0) {
    const absl::StatusOr<WriteLock> lock = TryToTake();
    char c = lock.ok() ? 'y' : 'n';
    if (write(pipes[1], &c, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char c = 0;
  ASSERT_EQ(read(pipes[0], &c, 1), 1);
  EXPECT_EQ(c, 'y');
  EXPECT_FALSE(TryToTake().ok());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(TryToTake().ok());
  close(pipes[0]);
  close(pipes[1]);
}

TEST_F(WriteLockTest, DoesNotFollowALinkInItsPlace) {
  std::filesystem::create_symlink("elsewhere", root_ / ".convoy-lock");
  EXPECT_EQ(TryToTake().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(root_ / "elsewhere"));
}

}  // namespace
}  // namespace convoy::repository
