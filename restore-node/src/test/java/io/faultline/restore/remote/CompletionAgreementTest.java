package io.faultline.restore.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.proto.WireException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CompletionAgreementTest {
  private final CompletionAgreement agreement = new CompletionAgreement();

  @Test
  void readyThenCompletedOnceRunHasArrived() throws Exception {
    agreement.begin();
    assertThat(agreement.frame().hasReady()).isTrue();
    assertThat(agreement.run(0)).isTrue();
    assertThat(agreement.frame().hasCompleted()).isTrue();
    assertThat(agreement.isUndecided()).isFalse();
  }

  @Test
  void runWithoutReadyIsRefused() {
    assertThatThrownBy(() -> agreement.run(0)).isInstanceOf(WireException.class);
  }

  @Test
  void runForProcessesThatAreBeingEndedIsNotAccepted() throws Exception {
    agreement.begin();
    assertThat(agreement.frame().hasReady()).isTrue();
    agreement.withdraw();
    assertThat(agreement.hasFrame()).isFalse();
    assertThat(agreement.run(0)).isFalse();
    assertThat(agreement.isOwned()).isFalse();
    assertThat(agreement.isUndecided()).as("the page source waits for this side").isTrue();
  }

  @Test
  void theSourceWaitsForNothingBeforeReadyWasSent() {
    agreement.begin();
    agreement.withdraw();
    assertThat(agreement.isUndecided()).isFalse();
  }

  /** With {@code --on-failure kill} the source's processes are to end as well. */
  @Test
  void whatWasWithdrawnCanBeginAgain() throws Exception {
    agreement.withdraw();
    agreement.begin();
    assertThat(agreement.hasFrame()).isTrue();
    assertThat(agreement.run(0)).isTrue();
  }

  @Test
  void nothingIsWithdrawnOnceRunHasArrived() throws Exception {
    agreement.begin();
    assertThat(agreement.run(0)).isTrue();
    agreement.withdraw();
    assertThat(agreement.hasFrame()).isTrue();
    assertThat(agreement.isOwned()).isTrue();
  }

  @Test
  void aFailureIsDeliveredForALimitedTime() {
    FailureDelivery delivery = new FailureDelivery();
    assertThat(delivery.isOver(Long.MAX_VALUE)).isFalse();
    delivery.begin(-5);
    assertThat(delivery.isOver(TimeUnit.MINUTES.toNanos(10) - 5)).isFalse();
    assertThat(delivery.isOver(TimeUnit.MINUTES.toNanos(10) - 4)).isTrue();
  }
}
