package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.SelectStrategy;
import org.junit.jupiter.api.Test;

final class LoopPollTest {
  private static final int FOUND = 3;
  private static final long MILLISECOND = 1_000_000;

  private long now;

  private LoopPoll poll(Polling polling) {
    return new LoopPoll(polling, () -> now);
  }

  private static int strategy(LoopPoll poll, boolean hasTasks) throws Exception {
    return poll.strategy().calculateStrategy(() -> FOUND, hasTasks);
  }

  @Test
  void adaptiveSpinsWhileAnEventIsDueAndThenSleeps() throws Exception {
    LoopPoll poll = poll(Polling.ADAPTIVE);
    assertThat(strategy(poll, false)).isEqualTo(SelectStrategy.SELECT);
    poll.expect();
    assertThat(strategy(poll, false)).isEqualTo(FOUND);
    now += MILLISECOND;
    assertThat(strategy(poll, false)).isEqualTo(SelectStrategy.SELECT);
    poll.expect();
    assertThat(strategy(poll, false)).isEqualTo(FOUND);
  }

  @Test
  void blockSleepsUnlessTasksAreQueued() throws Exception {
    LoopPoll poll = poll(Polling.BLOCK);
    poll.expect();
    assertThat(strategy(poll, false)).isEqualTo(SelectStrategy.SELECT);
    assertThat(strategy(poll, true)).isEqualTo(FOUND);
  }

  @Test
  void spinNeverSleeps() throws Exception {
    LoopPoll poll = poll(Polling.SPIN);
    now += MILLISECOND;
    assertThat(strategy(poll, false)).isEqualTo(FOUND);
  }
}
