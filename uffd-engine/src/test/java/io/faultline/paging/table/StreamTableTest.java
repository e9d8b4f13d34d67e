package io.faultline.paging.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamTableTest {
  private final List<Long> dropped = new ArrayList<>();
  private final StreamTable table = new StreamTable(256, (region, page) -> dropped.add(page));

  @Test
  void forwardStreamGrowsFourfoldUpToTheMaximum() {
    long page = 100;
    for (int window : new int[] {1, 4, 16, 64, 256, 256}) {
      long plan = fault(0, page);
      assertThat(StreamTable.window(plan)).isEqualTo(window);
      assertThat(StreamTable.direction(plan)).isEqualTo(window == 1 ? 0 : 1);
      table.filled(StreamTable.entry(plan), 0, page, window);
      page += window;
    }
  }

  @Test
  void backwardStreamGrowsToo() {
    long page = 5000;
    for (int window : new int[] {1, 4, 16, 64, 256, 256}) {
      long plan = fault(0, page);
      assertThat(StreamTable.window(plan)).isEqualTo(window);
      assertThat(StreamTable.direction(plan)).isEqualTo(window == 1 ? 0 : -1);
      table.filled(StreamTable.entry(plan), 0, page - window + 1, window);
      page -= window;
    }
  }

  /** As a quicksort's partition does. */
  @Test
  void interleavedStreamsAreKeptApart() {
    long low = 0;
    long high = 100_000;
    for (int window : new int[] {1, 4, 16, 64, 256}) {
      long up = fault(0, low);
      table.filled(StreamTable.entry(up), 0, low, window);
      long down = fault(0, high);
      table.filled(StreamTable.entry(down), 0, high - window + 1, window);
      assertThat(StreamTable.window(up)).isEqualTo(window);
      assertThat(StreamTable.window(down)).isEqualTo(window);
      low += window;
      high -= window;
    }
  }

  @Test
  void randomFaultsAndOtherRegionsContinueNoStream() {
    for (long page = 0; page < 1000; page++) {
      assertThat(StreamTable.window(fault(0, page * 7919 % 100_003))).isEqualTo(1);
    }
    fault(1, 10);
    assertThat(StreamTable.window(fault(2, 11))).isEqualTo(1);
    assertThat(StreamTable.window(fault(1, 11))).isEqualTo(4);
  }

  @Test
  void heldPageIsTakenOnceAndDroppedWithItsStream() {
    int stream = stream(50);
    long plan = table.beginAhead(stream, 0, 4);
    assertThat(StreamTable.window(plan)).isEqualTo(16);
    assertThat(table.beginAhead(stream, 0, 4)).isEqualTo(StreamTable.NONE);
    assertThat(table.edge(stream)).isEqualTo(55);
    table.hold(stream, 55);
    assertThat(table.take(0, 55)).isEqualTo(stream);
    table.cancel(stream);
    table.beginAhead(stream, 0, 4);
    table.hold(stream, 99);
    for (long page = 0; page < StreamTable.STREAMS; page++) {
      fault(3, 1000 * page);
    }
    assertThat(dropped).containsExactly(99L);
  }

  @Test
  void unestablishedStreamIsNotReadAhead() {
    int stream = StreamTable.entry(fault(0, 7));
    assertThat(table.beginAhead(stream, 0, 4)).isEqualTo(StreamTable.NONE);
    assertThat(table.beginAhead(StreamTable.STREAMS, 0, 4)).isEqualTo(StreamTable.NONE);
  }

  private int stream(long page) {
    table.filled(StreamTable.entry(fault(0, page)), 0, page, 1);
    long plan = fault(0, page + 1);
    table.filled(StreamTable.entry(plan), 0, page + 1, 4);
    return StreamTable.entry(plan);
  }

  private long fault(int region, long page) {
    return table.plan(region, page);
  }
}
