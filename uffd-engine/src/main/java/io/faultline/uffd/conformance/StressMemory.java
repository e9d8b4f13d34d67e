package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;

/**
 * One of the two areas of the stress case. Each page holds a counter in its first word, and in its
 * second the same, complemented, so that a torn or lost page shows.
 */
final class StressMemory {
  private static final long COUNTER = 0;
  private static final long COMPLEMENT = 8;
  private static final long TAIL = 4096 - 8;

  private final CaseContext bench;
  private final Area area;
  private final long[] expected;
  private final Object[] locks;

  StressMemory(CaseContext bench, Area area) {
    this.bench = bench;
    this.area = area;
    this.expected = new long[area.pages()];
    this.locks = new Object[area.pages()];
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new Object();
    }
  }

  Area area() {
    return area;
  }

  /** Gives every page its first contents. */
  void fill() {
    for (int page = 0; page < area.pages(); page++) {
      expected[page] = 1000L * page + 1;
      write(page, expected[page]);
    }
  }

  /** Takes over what another area's pages are to hold. */
  void expectAs(StressMemory other) {
    System.arraycopy(other.expected, 0, expected, 0, expected.length);
  }

  /** As the guest does: locks a page, checks it, counts on. May sleep in a fault. */
  void count(int page) {
    synchronized (locks[page]) {
      check(page, "while counting");
      expected[page]++;
      write(page, expected[page]);
    }
  }

  /** As the guest does: reads a word that never changes. May sleep in a fault. */
  void read(int page) {
    long tail = bench.load(area.page(page) + TAIL);
    Check.equal("last word of page " + page, page + 7L, tail);
  }

  /** Checks every page. */
  void verify(String when) {
    for (int page = 0; page < area.pages(); page++) {
      check(page, when);
      read(page);
    }
  }

  /** Drops every page, also from the file: a page that is in there raises no missing fault. */
  void drop() {
    bench.kernel().advise(area.address(), area.lengthBytes(), Advice.DONT_NEED);
    if (bench.memory().hasFile()) {
      area.backingFile().punchHole(0, area.lengthBytes());
    }
  }

  private void write(int page, long counter) {
    bench.store(area.page(page) + COUNTER, counter);
    bench.store(area.page(page) + COMPLEMENT, ~counter);
    bench.store(area.page(page) + TAIL, page + 7L);
  }

  private void check(int page, String when) {
    long counter = bench.load(area.page(page) + COUNTER);
    long complement = bench.load(area.page(page) + COMPLEMENT);
    Check.equal("counter of page " + page + " " + when, expected[page], counter);
    Check.equal("complement of page " + page + " " + when, ~expected[page], complement);
  }
}
