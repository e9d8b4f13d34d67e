package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;

/**
 * One of the two areas of the stress case. The first word of each page is a counter, the second its
 * complement, so that a torn or lost page is detected.
 */
final class StressMemory {
  private static final long COUNTER = 0;
  private static final long COMPLEMENT = 8;
  private static final long TAIL = 4096 - 8;

  private final CaseContext context;
  private final Area area;
  private final long[] expected;
  private final Object[] locks;

  StressMemory(CaseContext context, Area area) {
    this.context = context;
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

  /** Writes the initial contents of every page. */
  void fill() {
    for (int page = 0; page < area.pages(); page++) {
      expected[page] = 1000L * page + 1;
      write(page, expected[page]);
    }
  }

  /** Expects the contents of another area. */
  void expectAs(StressMemory other) {
    System.arraycopy(other.expected, 0, expected, 0, expected.length);
  }

  /** Guest access: locks a page, checks it and increments its counter. May sleep in a fault. */
  void count(int page) {
    synchronized (locks[page]) {
      check(page, "while counting");
      expected[page]++;
      write(page, expected[page]);
    }
  }

  /** Guest access: reads a word that never changes. May sleep in a fault. */
  void read(int page) {
    long tail = context.load(area.page(page) + TAIL);
    Expect.equal("last word of page " + page, page + 7L, tail);
  }

  /** Checks every page. */
  void verify(String when) {
    for (int page = 0; page < area.pages(); page++) {
      check(page, when);
      read(page);
    }
  }

  /** Drops every page, also from the file: a page in the file causes no missing fault. */
  void drop() {
    context.kernel().advise(area.address(), area.lengthBytes(), Advice.DONT_NEED);
    if (context.memory().hasFile()) {
      area.backingFile().punchHole(0, area.lengthBytes());
    }
  }

  private void write(int page, long counter) {
    context.store(area.page(page) + COUNTER, counter);
    context.store(area.page(page) + COMPLEMENT, ~counter);
    context.store(area.page(page) + TAIL, page + 7L);
  }

  private void check(int page, String when) {
    long counter = context.load(area.page(page) + COUNTER);
    long complement = context.load(area.page(page) + COMPLEMENT);
    Expect.equal("counter of page " + page + " " + when, expected[page], counter);
    Expect.equal("complement of page " + page + " " + when, ~expected[page], complement);
  }
}
