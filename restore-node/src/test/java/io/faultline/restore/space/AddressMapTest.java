package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Compares the map with one that has an entry for each page, over random programs. */
class AddressMapTest {
  private static final int ROUNDS = 300;
  private static final int STEPS = 60;

  /** Addresses in pages: 0 to this. */
  private static final int SPACE = 400;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  void agreesWithOneEntryPerPage() {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      DumpLayout layout = layout(random);
      AddressMap map = new AddressMap(layout);
      TreeMap<Long, Long> model = new TreeMap<>();
      for (long page = 0; page < layout.pageCount(); page++) {
        model.put(layout.addressOf(page), page);
      }
      for (int step = 0; step < STEPS; step++) {
        String at = "seed " + seed + ", round " + round + ", step " + step;
        change(random, map, model);
        if (random.nextInt(8) == 0) {
          map = map.copy();
        }
        compare(at, layout, map, model);
      }
    }
  }

  private static DumpLayout layout(Random random) {
    int extents = random.nextInt(12);
    long[] starts = new long[extents];
    long[] pages = new long[extents];
    long at = random.nextInt(5);
    for (int i = 0; i < extents; i++) {
      starts[i] = at * (long) PAGE_BYTES;
      pages[i] = 1L + random.nextInt(15);
      at += pages[i] + (random.nextBoolean() ? 0 : random.nextInt(10));
    }
    return new DumpLayout(7, starts, pages);
  }

  private static void change(Random random, AddressMap map, NavigableMap<Long, Long> model) {
    long length = (1 + random.nextInt(40)) * (long) PAGE_BYTES;
    long from = random.nextInt(SPACE) * (long) PAGE_BYTES;
    if (random.nextInt(3) == 0) {
      map.unmap(from, from + length);
      model.subMap(from, from + length).clear();
      return;
    }
    long to = random.nextInt(SPACE) * (long) PAGE_BYTES;
    if (to < from + length && from < to + length) {
      return; // mremap refuses overlapping ranges
    }
    map.move(from, to, length);
    model.subMap(to, to + length).clear();
    TreeMap<Long, Long> moved = new TreeMap<>(model.subMap(from, from + length));
    model.subMap(from, from + length).clear();
    moved.forEach((address, page) -> model.put(address - from + to, page));
  }

  private static void compare(
      String at, DumpLayout layout, AddressMap map, NavigableMap<Long, Long> model) {
    TreeMap<Long, Long> found = new TreeMap<>();
    map.forEach(
        0,
        Long.MAX_VALUE,
        (first, count) -> {
          for (long page = first; page < first + count; page++) {
            assertThat(found.put(map.addressOf(page), page)).as(at).isNull();
          }
        });
    assertThat(found).as(at).isEqualTo(model);
    for (long page = 0; page < layout.pageCount(); page++) {
      long address = map.addressOf(page);
      assertThat(address >= 0).as("%s, page %d", at, page).isEqualTo(model.containsValue(page));
      if (address >= 0) {
        assertThat(map.pageAt(address)).as("%s, page %d", at, page).isEqualTo(page);
        long run = map.runLength(page);
        assertThat(run).as(at).isPositive();
        for (long i = 0; i < run; i++) {
          assertThat(map.addressOf(page + i)).as(at).isEqualTo(address + i * PAGE_BYTES);
        }
      }
    }
    assertThat(map.pageAt(SPACE * 4L * PAGE_BYTES)).as(at).isEqualTo(-1);
  }
}
