package io.faultline.restore.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.restore.origin.SourceReceiver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SourceUpdatesTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final SourceLease lease = new SourceLease();
  private final SourceUpdates updates = new SourceUpdates(lease);
  private final List<Long> leased = new ArrayList<>();

  private void start() {
    SourceReceiver receiver =
        new SourceReceiver() {
          @Override
          public void leased(long nanos) {
            leased.add(nanos);
          }
        };
    updates.start(receiver, SessionIdentity.create(new Random(1)), 0);
  }

  @Test
  void aLeaseIsToldAgainWhenItEndsASecondLater() {
    start();
    announce(60_000, 0);
    confirm(SECOND);
    assertThat(leased).containsExactly(45 * SECOND);
    confirm(SECOND + 1);
    assertThat(leased).containsExactly(45 * SECOND, 45 * SECOND);
  }

  /** A page source that was started again may have another lease. */
  @Test
  void aShorterLeaseIsToldAtOnce() {
    start();
    announce(60_000, 0);
    announce(8_000, SECOND);
    assertThat(leased).containsExactly(45 * SECOND, 5 * SECOND);
  }

  @Test
  void anEndlessLeaseIsToldOnce() {
    start();
    announce(0, 0);
    confirm(100 * SECOND);
    assertThat(leased).containsExactly(Long.MAX_VALUE);
  }

  private void announce(int millis, long now) {
    lease.announced(millis, now);
    updates.announced(now);
  }

  private void confirm(long now) {
    lease.confirmed(now);
    updates.confirmed(now);
  }
}
