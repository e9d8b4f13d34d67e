package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls in a process that a cgroup freezer has frozen, or freezes in the middle. */
@Timeout(120)
class FrozenProcessTest {
  private static final SystemCall GETTID = new SystemCall("gettid", 186);

  /** With that of cgroup v1, the process stays frozen for a multiple. */
  private static final Duration SHORT_PATIENCE = Duration.ofMillis(60);

  private static final int ROUNDS = 30;

  /** About as long as a call takes. */
  private static final long MAX_DELAY_NANOS = 3_000_000;

  @TempDir private static Path directory;
  private static Path program;

  @BeforeAll
  static void compile() throws Exception {
    program = CheckingProcess.compile(directory);
  }

  /** Nothing is begun. */
  @Test
  void callIsRefusedAndNothingChanges() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program);
        Freezer freezer = Freezer.ofCgroup2(process.pid())) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      assertThat(injector.call(GETTID)).isPresent();
      freezer.freeze();
      assertThatThrownBy(() -> injector.call(GETTID))
          .isInstanceOfSatisfying(
              SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT))
          .hasMessageContaining("/faultline-test-" + process.pid() + " is frozen: thaw it first");
      freezer.thaw();
      awaitNoTracer(process);
      assertThat(new SystemCallInjector(process.pidFd).call(GETTID)).isPresent();
      process.finishWithoutComplaint();
    }
  }

  /** Its threads cannot even be stopped then, so that their registers are restored later. */
  @Test
  void callThatIsInterruptedByTheFreezerIsFinishedLater() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    int refused = 0;
    int interrupted = 0;
    try (CheckingProcess process = CheckingProcess.start(program);
        Freezer freezer = Freezer.ofCgroup1(process.pid())) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd, SHORT_PATIENCE);
      for (int round = 0; round < ROUNDS; round++) {
        Thread freezing = freezeLater(freezer, random.nextLong(MAX_DELAY_NANOS));
        try {
          assertThat(injector.call(GETTID)).as("seed %d", seed).isPresent();
        } catch (SystemCallException e) {
          assertThat(e.errno()).as("seed %d: %s", seed, e.getMessage()).isEqualTo(Errno.ETIMEDOUT);
          boolean before = String.valueOf(e.getMessage()).contains("thaw it first");
          refused += before ? 1 : 0;
          interrupted += before ? 0 : 1;
        }
        freezing.join();
        freezer.thaw();
        awaitNoTracer(process);
      }
      process.finishWithoutComplaint();
    }
    System.out.printf(
        "seed %d: of %d calls %d were refused before they began, %d given up in the middle%n",
        seed, ROUNDS, refused, interrupted);
  }

  private static Thread freezeLater(Freezer freezer, long delayNanos) {
    return Thread.ofPlatform()
        .start(
            () -> {
              LockSupport.parkNanos(delayNanos);
              freezer.freeze();
            });
  }

  private static void awaitNoTracer(CheckingProcess process) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!tracers(process).stream().allMatch("0"::equals) && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(tracers(process)).containsOnly("0");
  }

  private static List<String> tracers(CheckingProcess process) throws IOException {
    List<String> all = new ArrayList<>();
    for (int thread : process.threads().values()) {
      Path status = Path.of("/proc/" + process.pid() + "/task/" + thread + "/status");
      Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("TracerPid:"))
          .forEach(line -> all.add(line.substring("TracerPid:".length()).strip()));
    }
    return all;
  }
}
