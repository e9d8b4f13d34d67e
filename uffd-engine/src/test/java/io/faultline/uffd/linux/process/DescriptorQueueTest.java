package io.faultline.uffd.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.linux.FileDescriptors;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DescriptorQueueTest {
  @BeforeEach
  void requireLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(Files.isExecutable(Path.of("/bin/sleep")), "no /bin/sleep");
  }

  /** The pipe's reader sees its end when no process has the writing end any more. */
  private static boolean hasEnded(Pipe pipe) {
    FileDescriptors.setNonBlocking(pipe.reading());
    try (Arena arena = Arena.ofConfined()) {
      return SocketCalls.read(pipe.reading(), arena.allocate(1).address(), 1) == 0;
    }
  }

  @Test
  void descriptorStaysOpenUntilTheQueueIsCleared() {
    try (DescriptorQueue queue = DescriptorQueue.start("queue");
        Pipe pipe = Pipe.open()) {
      assertThat(queue.put(pipe.writing())).isTrue();
      pipe.closeWriting();
      assertThat(hasEnded(pipe)).isFalse();
      queue.clear();
      assertThat(hasEnded(pipe)).isTrue();
    }
  }

  /** As after a SIGKILL: this process has neither the descriptor nor an end of the queue. */
  @Test
  void descriptorStaysOpenAsLongAsTheChildRuns() {
    DescriptorQueue queue = DescriptorQueue.start("queue");
    try (Pipe pipe = Pipe.open();
        PidFd child = PidFd.open(queue.holder().pid())) {
      assertThat(queue.put(pipe.writing())).isTrue();
      pipe.closeWriting();
      queue.closeEnds();
      assertThat(hasEnded(pipe)).isFalse();
      assertThat(child).isNotNull();
      child.sendSignal(PidFd.SIGKILL);
      while (!hasEnded(pipe)) {
        Thread.onSpinWait(); // ends with the test's time limit at the latest
      }
    } finally {
      queue.close();
    }
  }

  @Test
  void fullQueueSaysSo() {
    try (DescriptorQueue queue = DescriptorQueue.start("queue");
        Pipe pipe = Pipe.open()) {
      int count = 0;
      while (queue.put(pipe.writing())) {
        count++;
      }
      assertThat(count).isGreaterThan(100);
      queue.clear();
      assertThat(queue.put(pipe.writing())).isTrue();
      assertThat(Files.exists(Path.of("/proc/" + queue.holder().pid()))).isTrue();
    }
  }
}
