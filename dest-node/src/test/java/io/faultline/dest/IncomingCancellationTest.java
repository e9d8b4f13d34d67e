package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.control.ControlOutcome;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class IncomingCancellationTest {
  private final IncomingDispatcher dispatcher =
      new IncomingDispatcher(
          ImmediateEventExecutor.INSTANCE, () -> 0, new PublishedProgress(new IncomingCounters()));

  @ParameterizedTest
  @EnumSource(IncomingState.class)
  void migrationIsCancelledOnlyBeforeReady(IncomingState state) {
    assertThat(IncomingCancellation.isPossible(state))
        .isEqualTo(state.compareTo(IncomingState.READY) < 0);
  }

  @Test
  void destinationThatListensEndsWhenItIsCancelled() {
    ControlOutcome outcome = IncomingCancellation.cancel(dispatcher, false);
    assertThat(outcome.message()).contains("was cancelled", "continues at the source");
    assertThat(dispatcher.result().join().error()).isEqualTo("cancelled at the destination");
    assertThat(IncomingCancellation.cancel(dispatcher, false).message())
        .isEqualTo("too late: the migration has ended: FAILED");
  }

  @Test
  void refusalAfterReadyNamesWhoDecides() {
    assertThat(IncomingCancellation.tooLate(IncomingState.READY, false)).contains("at the source");
    assertThat(IncomingCancellation.tooLate(IncomingState.PAUSED, false)).contains("at the source");
    assertThat(IncomingCancellation.tooLate(IncomingState.PAUSED, true)).contains("owns the VM");
  }
}
