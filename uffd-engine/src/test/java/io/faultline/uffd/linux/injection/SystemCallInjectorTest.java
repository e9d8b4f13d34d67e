package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SystemCallInjectorTest {
  private static final SystemCall GETTID = new SystemCall("gettid", 186);
  private static final SystemCall GETPPID = new SystemCall("getppid", 110);
  private static final SystemCall GETPID = new SystemCall("getpid", 39);
  private static final SystemCall DUP = new SystemCall("dup", 32, 0);
  private static final long SECOND = 1_000_000_000L;

  @TempDir private static Path directory;
  private static Path program;

  @BeforeAll
  static void compile() throws Exception {
    program = CheckingProcess.compile(directory);
  }

  @Test
  void nothingChangesInAnyThread() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      for (int round = 0; round < 40; round++) {
        for (int thread : process.threads().values()) {
          assertThat(injector.callIn(thread, GETTID)).hasValue(thread);
        }
      }
      process.finishWithoutComplaint();
    }
  }

  /**
   * Stops a thread again and again in the same call: it takes as long as it should all the same.
   */
  @Test
  void waitThatIsInterruptedManyTimesEndsInTime() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      long end =
          System.nanoTime() + 4 * SECOND; // longer than the program permits a wait to be late
      while (System.nanoTime() < end) {
        for (String name : new String[] {"nanosleep", "poll", "futex", "ppoll"}) {
          assertThat(injector.callIn(process.thread(name), GETTID)).isPresent();
        }
      }
      process.finishWithoutComplaint();
    }
  }

  @Test
  void threadThatWaitsInARestartableCallIsChosen() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      for (int i = 0; i < 20; i++) {
        int thread = Math.toIntExact(injector.call(GETTID).orElseThrow());
        assertThat(thread)
            .isNotEqualTo(process.thread("spin"))
            .isNotEqualTo(process.thread("epoll"));
      }
      process.finishWithoutComplaint();
    }
  }

  @Test
  void callTakesEffectAndErrorsAreResults() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      int copy = Math.toIntExact(injector.call(DUP).orElseThrow());
      assertThat(descriptors(process)).contains(String.valueOf(copy));
      assertThat(injector.call(SystemCall.close(copy))).hasValue(0);
      assertThat(descriptors(process)).doesNotContain(String.valueOf(copy));
      assertThat(injector.call(SystemCall.close(copy))).hasValue(-Errno.EBADF);
      process.finishWithoutComplaint();
    }
  }

  @Test
  void stoppedProcessStaysStopped() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      process.pidFd.sendSignal(PidFd.SIGSTOP);
      awaitState(process, 'T');
      for (int thread : process.threads().values()) {
        assertThat(injector.callIn(thread, GETTID)).hasValue(thread);
        awaitThreadState(process, thread, 'T'); // it stops again once it runs without a tracer
      }
      process.pidFd.sendSignal(PidFd.SIGCONT);
      process.finishWithoutComplaint();
    }
  }

  @Test
  void processMayBeStoppedAndContinuedMeanwhile() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      Thread signals =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 300; i++) {
                      process.pidFd.sendSignal(PidFd.SIGSTOP);
                      LockSupport.parkNanos(100_000L * (i % 7));
                      process.pidFd.sendSignal(PidFd.SIGCONT);
                      LockSupport.parkNanos(100_000L * (i % 5));
                    }
                  });
      while (signals.isAlive()) {
        int thread =
            process.thread(new String[] {"read", "spin", "ppoll"}[(int) System.nanoTime() & 1]);
        assertThat(injector.callIn(thread, GETTID)).hasValue(thread);
      }
      process.finishWithoutComplaint();
    }
  }

  @Test
  void processThatIsKilledMeanwhileIsGone() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 12; round++) {
      try (CheckingProcess process = CheckingProcess.start(program)) {
        SystemCallInjector injector = new SystemCallInjector(process.pidFd);
        long delay = random.nextLong(4_000_000);
        Thread killer =
            Thread.ofPlatform()
                .start(
                    () -> {
                      LockSupport.parkNanos(delay);
                      process.pidFd.sendSignal(PidFd.SIGKILL);
                    });
        OptionalLong result;
        do {
          result = injector.call(GETPID);
          assertThat(result.orElse(process.pid())).as("seed %d", seed).isEqualTo(process.pid());
        } while (result.isPresent());
        killer.join();
        assertThat(injector.call(GETPID)).isEmpty();
      }
    }
  }

  @Test
  void threadsMayEndMeanwhile() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      int lasting = process.threads().size();
      int brief = 0;
      for (int round = 0; round < 400; round++) {
        List<Integer> threads = ThreadChoice.of(process.pid());
        int last = threads.stream().mapToInt(Integer::intValue).max().orElseThrow();
        assertThat(injector.callIn(last, GETTID).orElse(last)).isEqualTo(last);
        brief += threads.size() - lasting;
      }
      assertThat(brief).isPositive();
      process.finishWithoutComplaint();
    }
  }

  @Test
  void callThatSeccompTrapsIsRefusedAndLeavesNothing() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program, "trap")) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      for (int thread : process.threads().values()) {
        assertThatThrownBy(() -> injector.callIn(thread, GETPPID))
            .isInstanceOf(SystemCallException.class)
            .hasMessage("getppid failed: EPERM: a seccomp filter of that process forbids it");
        assertThat(injector.callIn(thread, GETTID)).hasValue(thread);
      }
      process.finishWithoutComplaint();
    }
  }

  @Test
  void processThatWaitsUninterruptiblyIsGivenUp() {
    try (CheckingProcess process = CheckingProcess.start(program, "vfork")) {
      awaitState(process, 'D');
      SystemCallInjector injector = new SystemCallInjector(process.pidFd, Duration.ofMillis(300));
      assertThatThrownBy(() -> injector.call(GETPPID))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("ETIMEDOUT: none of its threads stopped");
      assertThat(process.isAlive()).isTrue();
    }
  }

  @Test
  void threadThatThisProcessTracesAlreadyIsTriedLater() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      CountDownLatch seized = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Thread other = holdTraced(process.thread("spin"), false, seized, end);
      seized.await();
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      try {
        assertThat(injector.callIn(process.thread("spin"), GETTID)).isEmpty();
      } finally {
        end.countDown();
        other.join();
      }
      assertThat(injector.callIn(process.thread("spin"), GETTID)).isPresent();
      process.finishWithoutComplaint();
    }
  }

  /** What happens if this process is killed while the other has changed registers. */
  @Test
  void endOfTheTracerInTheMiddleKillsTheProcess() throws Exception {
    try (CheckingProcess process = CheckingProcess.start(program)) {
      holdTraced(process.thread("read"), true, new CountDownLatch(1), new CountDownLatch(0)).join();
      assertThat(process.endsWithin(60)).isTrue();
    }
  }

  @Test
  void leaderOfAChildIsLeftToItsParent() throws Exception {
    try (CheckingProcess process = CheckingProcess.startChild(program)) {
      SystemCallInjector injector = new SystemCallInjector(process.pidFd);
      assertThat(ThreadChoice.of(process.pid())).isNotEmpty().doesNotContain(process.pid());
      for (int i = 0; i < 50; i++) {
        assertThat(injector.call(GETTID).orElseThrow()).isNotEqualTo(process.pid());
      }
      process.finishWithoutComplaint();
    }
  }

  @Test
  void ownProcessIsRefused() {
    try (PidFd self = PidFd.open(Math.toIntExact(ProcessHandle.current().pid()))) {
      assertThatThrownBy(() -> new SystemCallInjector(Objects.requireNonNull(self)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is this process");
    }
  }

  private static Thread holdTraced(
      int thread, boolean kill, CountDownLatch seized, CountDownLatch end) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try (Arena arena = Arena.ofConfined()) {
                TracedThread traced = TracedThread.seize(thread, arena);
                traced.interrupt();
                traced.await(TracedThread.FOREVER);
                traced.killIfTracerEnds(kill);
                seized.countDown();
                end.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private static String[] descriptors(CheckingProcess process) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return all.map(file -> file.getFileName().toString()).toArray(String[]::new);
    }
  }

  private static void awaitState(CheckingProcess process, char state) {
    long end = System.nanoTime() + 60 * SECOND;
    ProcessEntry entry;
    do {
      LockSupport.parkNanos(1_000_000);
      entry = Objects.requireNonNull(new ProcessTable().find(process.pid()));
    } while (entry.state() != state && System.nanoTime() < end);
    assertThat(entry.state()).isEqualTo(state);
  }

  private static void awaitThreadState(CheckingProcess process, int thread, char state)
      throws IOException {
    long end = System.nanoTime() + 60 * SECOND;
    while (threadState(process, thread) != state && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(threadState(process, thread)).isEqualTo(state);
  }

  private static char threadState(CheckingProcess process, int thread) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/task/" + thread + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }
}
