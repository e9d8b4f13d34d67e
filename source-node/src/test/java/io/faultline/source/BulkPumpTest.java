package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BulkPumpTest {
  private final List<String> done = new ArrayList<>();
  private final List<Long> waits = new ArrayList<>();
  private long nowNanos;

  private final BulkPump pump =
      new BulkPump(new RecordingSink(), new RateLimit(1000), () -> nowNanos, waits::add);

  /**
   * The rate limit may delay the end of a job after the destination has received all of it. The
   * answer then starts the next job: pages to discard, READY, RUN, RUNNING, the background scan.
   */
  @Test
  void jobStartedWhileTheLimitDelaysThePreviousOneRunsAfterIt() {
    pump.start(pieces("first", 2), () -> done.add("first finished"));
    pump.start(pieces("next", 1), () -> done.add("next finished"));
    assertThat(done).containsExactly("first 1");
    for (int i = 0; i < 4; i++) {
      nowNanos += TimeUnit.SECONDS.toNanos(2);
      pump.timeUp();
    }
    assertThat(done)
        .containsExactly("first 1", "first 2", "first finished", "next 1", "next finished");
    assertThat(waits).isNotEmpty();
  }

  @Test
  void finishedJobMayStartAnother() {
    pump.start(pieces("one", 0), () -> pump.start(pieces("two", 1), () -> done.add("both")));
    nowNanos += TimeUnit.SECONDS.toNanos(2);
    pump.timeUp();
    assertThat(done).containsExactly("two 1", "both");
  }

  @Test
  void pauseHoldsPagesUntilItEndsAndNothingElse() {
    RateLimit limit = new RateLimit(SourceSettings.UNLIMITED);
    BulkPump pausable = new BulkPump(new RecordingSink(), limit, () -> nowNanos, waits::add);
    limit.setPaused(true);
    pausable.start(pieces("needed", 1), () -> done.add("needed finished"));
    BulkPump.Work pages = pieces("pages", 1);
    pausable.start(
        new BulkPump.Work() {
          @Override
          public long sendNext() {
            return pages.sendNext();
          }

          @Override
          public boolean isPausable() {
            return true;
          }
        },
        () -> done.add("pages finished"));
    pausable.push();
    assertThat(done).containsExactly("needed 1", "needed finished");
    assertThat(waits).isEmpty();
    limit.setPaused(false);
    pausable.push();
    assertThat(done).endsWith("pages 1", "pages finished");
  }

  @Test
  void heldJobIsSentWhenTheHoldIsOver() {
    pump.hold(TimeUnit.MILLISECONDS.toNanos(3));
    pump.start(pieces("held", 1), () -> done.add("finished"));
    assertThat(done).isEmpty();
    assertThat(waits).containsExactly(TimeUnit.MILLISECONDS.toNanos(3));
    nowNanos += TimeUnit.MILLISECONDS.toNanos(3) - 1;
    pump.timeUp();
    assertThat(done).isEmpty();
    assertThat(waits).endsWith(1L);
    nowNanos++;
    pump.timeUp();
    assertThat(done).contains("held 1");
  }

  /** System.nanoTime() may start at any value, even a negative one. */
  @Test
  void clockMayStartAnywhere() {
    for (long start : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
      nowNanos = start;
      RateLimit unlimited = new RateLimit(SourceSettings.UNLIMITED);
      BulkPump other = new BulkPump(new RecordingSink(), unlimited, () -> nowNanos, waits::add);
      other.start(pieces("from " + start, 1), () -> {});
      assertThat(done).contains("from " + start + " 1");
    }
    assertThat(waits).isEmpty();
  }

  @Test
  void nothingStartsAfterStop() {
    pump.stop();
    pump.start(pieces("late", 1), () -> done.add("finished"));
    assertThat(done).isEmpty();
  }

  /** A job of pieces that take a second each, at the limit. */
  private BulkPump.Work pieces(String name, int count) {
    int[] sent = new int[1];
    return () -> {
      if (sent[0] == count) {
        return 0;
      }
      done.add(name + " " + ++sent[0]);
      return 1000;
    };
  }
}
