package io.faultline.uffd.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.injection.CProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PidFdTest {
  @TempDir Path directory;

  private Process process;
  private PidFd pidfd;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    Path input = Files.writeString(directory.resolve("input"), "content");
    process = new ProcessBuilder("sleep", "1000").redirectInput(input.toFile()).start();
    pidfd = Objects.requireNonNull(PidFd.open((int) process.pid()));
  }

  @AfterEach
  void stop() {
    if (pidfd != null) {
      pidfd.close();
    }
    if (process != null) {
      process.destroyForcibly();
    }
  }

  @Test
  void exitIsSeenAndNoSignalIsSentToAnybodyElse() throws InterruptedException {
    assertThat(pidfd.hasExited()).isFalse();
    assertThat(pidfd.sendSignal(PidFd.SIGKILL)).isTrue();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(pidfd.hasExited()).isTrue();
    assertThat(pidfd.isExiting()).isTrue();
    assertThat(pidfd.sendSignal(PidFd.SIGKILL)).isFalse();
    assertThat(pidfd.duplicate(0)).isEmpty();
    assertThat(PidFd.open((int) process.pid())).isNull();
  }

  @Test
  void processWhoseMemoryIsGoneIsAboutToExit() throws Exception {
    assertThat(pidfd.isExiting()).isFalse();
    Path program = CProgram.compile("leaderless", directory);
    Process leaderless = new ProcessBuilder(program.toString()).start();
    try (PidFd other = Objects.requireNonNull(PidFd.open((int) leaderless.pid()))) {
      while (!other.isExiting()) {
        Thread.onSpinWait();
      }
      assertThat(other.hasExited()).as("its last thread has").isFalse();
    } finally {
      leaderless.destroyForcibly().waitFor();
    }
  }

  @Test
  void descriptorOfTheProcessIsDuplicated() {
    OptionalInt duplicate;
    try {
      duplicate = pidfd.duplicate(0);
    } catch (SystemCallException e) {
      assumeTrue(
          !Objects.requireNonNull(e.getMessage()).contains("EPERM"),
          "pidfd_getfd is not permitted");
      throw e;
    }
    assertThat(duplicate).isPresent();
    int fd = duplicate.getAsInt();
    assertThat(FileDescriptors.describe(fd)).isEqualTo(directory.resolve("input").toString());
    FileDescriptors.close(fd);
    assertThatThrownBy(() -> pidfd.duplicate(999))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("pidfd_getfd(" + process.pid() + ", 999) failed: EBADF");
  }

  @Test
  void processThatStartedAtAnotherTimeIsNotThatProcess() {
    int pid = (int) process.pid();
    long started = Objects.requireNonNull(new ProcessTable().find(pid)).startTicks();
    assertThat(PidFd.open(pid, started + 1)).isNull();
    try (PidFd same = PidFd.open(pid, started)) {
      assertThat(same).isNotNull();
      assertThat(same.pid()).isEqualTo(pid);
    }
  }

  @Test
  void closingClosesTheDescriptorOnce() {
    int fd = pidfd.fd();
    assertThat(FileDescriptors.describe(fd)).contains("pidfd");
    pidfd.close();
    pidfd.close();
    assertThat(FileDescriptors.describe(fd)).doesNotContain("pidfd");
  }
}
