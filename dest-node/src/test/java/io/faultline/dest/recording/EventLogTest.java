package io.faultline.dest.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLogTest {
  @Test
  void everyEventIsKeptUntilItIsFull() {
    EventLog log = filled(8, 8);
    assertThat(events(log)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(log.overwritten()).isZero();
  }

  @Test
  void fullLogKeepsTheFirstHalfAndTheNewest() {
    EventLog log = filled(8, 23);
    assertThat(events(log)).containsExactly(0L, 1L, 2L, 3L, 19L, 20L, 21L, 22L);
    assertThat(log.overwritten()).isEqualTo(15);
  }

  @Test
  void oneEventMoreThanFitsReplacesTheOldestOfTheSecondHalf() {
    assertThat(events(filled(8, 9))).containsExactly(0L, 1L, 2L, 3L, 5L, 6L, 7L, 8L);
  }

  @Test
  void allFieldsAreKept() {
    EventLog log = new EventLog(4, 3);
    log.add(1, 2, 3);
    log.add(4, 5, 6);
    assertThat(log.get(1, 0)).isEqualTo(4);
    assertThat(log.get(1, 1)).isEqualTo(5);
    assertThat(log.get(1, 2)).isEqualTo(6);
    assertThat(log.get(0, 2)).isEqualTo(3);
  }

  @Test
  void eventThatWasNotAddedCannotBeRead() {
    assertThatThrownBy(() -> filled(8, 2).get(2, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("2 of 2");
  }

  @Test
  void capacityThatIsNoPowerOfTwoIsRefused() {
    assertThatThrownBy(() -> new EventLog(6, 2)).hasMessageContaining("6");
  }

  private static EventLog filled(int capacity, int events) {
    EventLog log = new EventLog(capacity, 2);
    for (int i = 0; i < events; i++) {
      log.add(i, -i);
    }
    return log;
  }

  private static List<Long> events(EventLog log) {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < log.size(); i++) {
      assertThat(log.get(i, 1)).isEqualTo(-log.get(i, 0));
      all.add(log.get(i, 0));
    }
    return all;
  }
}
