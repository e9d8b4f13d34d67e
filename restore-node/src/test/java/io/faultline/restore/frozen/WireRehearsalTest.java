package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WireRehearsalTest {
  @Test
  void memoryOfThisProcessMovesAndTheMadeUpDumpIsClosed() {
    assertThat(WireRehearsal.run()).isEmpty();
  }
}
