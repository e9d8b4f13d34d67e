package io.faultline.demo.vcpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StandbyThreadsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final StandbyThreads threads = new StandbyThreads();
  private final AtomicInteger ran = new AtomicInteger();

  @Test
  void nothingRunsBeforeTheRelease() throws Exception {
    threads.add("first", ran::incrementAndGet);
    threads.add("second", ran::incrementAndGet);
    assertThat(threads.join(SHORT)).as("a waiting thread").isPresent();
    assertThat(ran).hasValue(0);

    threads.release();
    assertThat(threads.join(LONG)).isEmpty();
    assertThat(ran).hasValue(2);
  }

  @Test
  void dismissedThreadsEndWithoutHavingRun() throws Exception {
    threads.add("first", ran::incrementAndGet);
    threads.dismiss();
    assertThat(threads.join(LONG)).isEmpty();
    assertThat(ran).hasValue(0);
  }

  @Test
  void joinNamesTheThreadThatDoesNotEnd() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    threads.add("quick", ran::incrementAndGet);
    threads.add("slow", end::countDown);
    threads.add(
        "late",
        () -> {
          while (end.getCount() > 0 || !Thread.interrupted()) {
            Thread.onSpinWait();
          }
        });
    threads.release();
    Thread late = threads.join(Duration.ofMillis(200)).orElseThrow();
    assertThat(late.getName()).isEqualTo("late");
    late.interrupt();
    assertThat(threads.join(LONG)).isEmpty();
  }
}
