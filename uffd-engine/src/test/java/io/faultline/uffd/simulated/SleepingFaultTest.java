package io.faultline.uffd.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SleepingFaultTest {
  private static final long PAGE = KernelFixture.PAGE;

  private final KernelFixture fixture = new KernelFixture();
  private final SimulatedKernel kernel = fixture.kernel;

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void steppedAccessWaitsInTheQueuesUntilItsPageIsPlaced() {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 2, RegisterMode.MISSING);
      AtomicInteger notifications = new AtomicInteger();
      uffd.onReadable(notifications::incrementAndGet);
      SleepingFault fault = Objects.requireNonNull(kernel.touch(address, false));
      assertThat(notifications).hasPositiveValue();
      assertThat(fault.isAwake()).isFalse();
      EventBuffer events = new EventBuffer(4);
      assertThat(uffd.read(events)).isEqualTo(1);
      assertThat(events.address(0)).isEqualTo(fault.address()).isEqualTo(address);
      long result = uffd.copy(address, fixture.buffer(1, 42), PAGE, FillMode.WAKE);
      assertThat(FillResult.isComplete(result)).isTrue();
      assertThat(fault.isAwake()).isTrue();
      assertThat(kernel.touch(address, false)).isNull();
      assertThat(kernel.guestLoad(address)).isEqualTo(42);
      assertThat(kernel.touch(address + PAGE, true)).isNotNull();
    }
  }

  @Test
  void wakeWithoutAPageFaultsAgain() {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 1, RegisterMode.MISSING);
      SleepingFault first = Objects.requireNonNull(kernel.touch(address, true));
      assertThat(uffd.read(new EventBuffer(4))).isEqualTo(1);
      uffd.wake(address, PAGE);
      assertThat(first.isAwake()).isTrue();
      assertThat(kernel.touch(address, true)).isNotNull();
      assertThat(uffd.read(new EventBuffer(4))).isEqualTo(1);
    }
  }

  @Test
  void leftFaultIsInNoQueue() {
    try (Userfaultfd uffd = fixture.open()) {
      long address = fixture.mapped(uffd, 1, RegisterMode.MISSING);
      Objects.requireNonNull(kernel.touch(address, true)).leave();
      assertThat(uffd.read(new EventBuffer(4))).isZero();
    }
  }
}
