package io.faultline.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.uffd.simulated.SimulatedKernel;
import org.junit.jupiter.api.Test;

class WarmHugePagesTest {
  @Test
  void failedRequestSaysWhyAndReservesNothing() {
    try (WarmHugePages pool = new WarmHugePages(new SimulatedKernel())) {
      assertThatExceptionOfType(CannotRunException.class)
          .isThrownBy(() -> pool.require(1L << 50))
          .withMessageContaining("huge pages");
      assertThat(pool.covers(1L << 50)).isFalse();
      assertThat(pool.covers(1)).isFalse();
    }
  }
}
